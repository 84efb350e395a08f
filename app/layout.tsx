import type { Metadata, Viewport } from "next";
import localFont from "next/font/local";
import { cookies, headers } from "next/headers";
import type { ReactNode } from "react";
import { ChartPatterns } from "#components/charts/patterns.tsx";
import { ReplayEarlyInput } from "#components/shell/replay-early-input.tsx";
import { earlyInputScript } from "#lib/client/early-input.ts";
import { THEME_COOKIE, themeAttribute, themeFrom } from "#lib/client/theme.ts";

import "./globals.css";

/** Prerendered pages carry no nonce: every page is rendered on request. */
export const dynamic = "force-dynamic";

export const metadata: Metadata = {
  title: { default: "Slipway", template: "%s | Slipway" },
  description: "Takes a trained model to production and keeps it there under control.",
};
export const viewport: Viewport = {
  width: "device-width",
  initialScale: 1,
  colorScheme: "light dark",
};

// Atkinson Hyperlegible, OFL 1.1 (licences beside the files): tells 0 from O and 1 from l in digests and versions.
const text = localFont({
  variable: "--font-atkinson-next",
  display: "swap",
  src: [
    {
      path: "./fonts/atkinson-hyperlegible-next-latin-wght-normal.woff2",
      weight: "200 800",
      style: "normal",
    },
    {
      path: "./fonts/atkinson-hyperlegible-next-latin-wght-italic.woff2",
      weight: "200 800",
      style: "italic",
    },
  ],
});
const code = localFont({
  variable: "--font-atkinson-mono",
  display: "swap",
  preload: false,
  src: [
    {
      path: "./fonts/atkinson-hyperlegible-mono-latin-wght-normal.woff2",
      weight: "200 800",
      style: "normal",
    },
  ],
});

export default async function RootLayout({
  children,
}: {
  children: ReactNode;
}): Promise<ReactNode> {
  const nonce = (await headers()).get("x-nonce") ?? undefined;
  const theme = themeFrom((await cookies()).get(THEME_COOKIE)?.value);
  // The palette may change data-theme before React wakes up; the attribute is then the truth.
  return (
    <html
      lang="en-GB"
      className={`${text.variable} ${code.variable}`}
      data-theme={themeAttribute(theme)}
      suppressHydrationWarning
    >
      <body>
        {/* Browsers hide the nonce from scripts, so the page's and React's differ. */}
        <script
          nonce={nonce}
          suppressHydrationWarning
          dangerouslySetInnerHTML={{ __html: earlyInputScript }}
        />
        <ChartPatterns />
        {children}
        <ReplayEarlyInput />
      </body>
    </html>
  );
}
