import type { Metadata } from "next";
import type { ReactNode } from "react";

import "./globals.css";

/** Prerendered pages carry no nonce: every page is rendered on request. */
export const dynamic = "force-dynamic";

export const metadata: Metadata = { title: "Slipway" };

export default function RootLayout({ children }: { children: ReactNode }): ReactNode {
  return (
    <html lang="en">
      <body>{children}</body>
    </html>
  );
}
