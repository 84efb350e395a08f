import type { ReactNode } from "react";

/** Our own, rendered on request: the framework's is prerendered and would carry no nonce. */
export default function NotFound(): ReactNode {
  return (
    <main>
      <h1>Not found</h1>
      <p>There is nothing here, or you may not see it.</p>
    </main>
  );
}
