"use client";

import type { EndpointView } from "#lib/contracts/views/endpoint-view.ts";
import { CodeBlock } from "../ui/code-block.tsx";
import { CopyButton } from "../ui/copy-button.tsx";
import { Section } from "../ui/section.tsx";

/** How clients call it: the address and a request that the contract lets pass. */
export function CallSection({
  view,
  publicRuntimeUrl,
}: {
  view: EndpointView;
  publicRuntimeUrl: string | null;
}) {
  const base =
    publicRuntimeUrl ??
    view.runtimes.find(({ live }) => live)?.httpUrl ??
    view.runtimes[0]?.httpUrl ??
    null;
  if (base === null) {
    return (
      <Section id="call" title="Call it">
        <p className="small">The address is known as soon as a runtime has connected.</p>
      </Section>
    );
  }
  const url = `${base}/v2/models/${view.name}/infer`;
  const body = view.example === null ? null : JSON.stringify(view.example);
  const curl = [
    `curl -X POST ${url} \\`,
    `  -H "Content-Type: application/json" \\`,
    `  -H "slipway-key: customer-1" \\`,
    `  -d '${(body ?? '{"inputs": []}').replaceAll("'", "'\\''")}'`,
  ].join("\n");
  return (
    <Section
      id="call"
      title="Call it"
      caption="Open Inference Protocol v2; the answer says which version gave it"
    >
      <p className="small call-address">
        <code>{url}</code> <CopyButton text={url} what="address" />
      </p>
      <CodeBlock title="curl" code={curl} />
      <p className="caption table-foot">
        The same <code>slipway-key</code> always meets the same version.
        {body === null
          ? " The stable version takes too many values to show an example here."
          : " The request is one row that the stable version's contract lets pass."}
      </p>
    </Section>
  );
}
