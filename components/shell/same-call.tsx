"use client";

import { useSyncExternalStore } from "react";
import { CodeBlock } from "../ui/code-block.tsx";

/** The API call that does the same as the form, as it stands now. */
export function SameCall({ path, body, roles }: { path: string; body: unknown; roles: string }) {
  const origin = useSyncExternalStore(
    () => () => undefined,
    () => window.location.origin,
    () => "",
  );
  const json = JSON.stringify(body, null, 2).replaceAll("'", "'\\''");
  const curl = [
    `curl -X POST ${origin}${path} \\`,
    `  -H "Authorization: Bearer $SLIPWAY_TOKEN" \\`,
    `  -H "Idempotency-Key: $(uuidgen)" \\`,
    `  -H "Content-Type: application/json" \\`,
    `  -d '${json}'`,
  ].join("\n");
  return (
    <aside className="form-rail" aria-labelledby="same-call">
      <h2 id="same-call">The same by API</h2>
      <p className="small">Follows the form as you change it. The token needs the role {roles}.</p>
      <CodeBlock title="curl" code={curl} />
    </aside>
  );
}
