import type { Metadata } from "next";
import Link from "next/link";
import type { ReactNode } from "react";
import { BrandMark } from "#components/ui/mark.tsx";

export const metadata: Metadata = { title: "Not found" };

/** Our own, rendered on request: the framework's is prerendered and would carry no nonce. */
export default function NotFound(): ReactNode {
  return (
    <main className="page lone" id="main">
      <Link className="brand" href="/inbox">
        <BrandMark />
        Slipway
      </Link>
      <h1>Nothing is here</h1>
      <p>
        There is no such page, or you may not see it. Whoever sent you the link may need to give you
        access.
      </p>
      <p>
        <Link href="/inbox">Back to the inbox</Link>
      </p>
    </main>
  );
}
