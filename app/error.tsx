"use client";

import type { ReactNode } from "react";
import { Button } from "#components/ui/button.tsx";

/** When a page could not be made. Says what still works; the server's log has the cause under the same number. */
export default function PageError({
  error,
  reset,
}: {
  error: Error & { digest?: string };
  reset: () => void;
}): ReactNode {
  return (
    <main className="page lone" id="main">
      <h1>This page could not be read</h1>
      <p>
        Models keep serving: runtimes do not need this page. Nothing was changed. If it stays like
        this, the database may be away; the log of the control plane says more
        {error.digest === undefined ? "" : `, under number ${error.digest}`}.
      </p>
      <p>
        <Button variant="primary" onClick={reset}>
          Try again
        </Button>
      </p>
    </main>
  );
}
