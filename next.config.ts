import type { NextConfig } from "next";

/**
 * What every answer carries, also those that proxy.ts does not touch (API, files, errors of the framework itself).
 * Pages get a Content-Security-Policy with a nonce from proxy.ts in the place of this one.
 */
const fallbackHeaders = [
  { key: "X-Content-Type-Options", value: "nosniff" },
  { key: "Referrer-Policy", value: "no-referrer" },
  { key: "Cross-Origin-Opener-Policy", value: "same-origin" },
  { key: "Cross-Origin-Resource-Policy", value: "same-origin" },
  { key: "X-Frame-Options", value: "DENY" },
  {
    key: "Permissions-Policy",
    value: "camera=(), microphone=(), geolocation=(), payment=(), usb=(), browsing-topics=()",
  },
];

const API_POLICY =
  "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'; sandbox";

const config: NextConfig = {
  // Each build has a folder of its own (scripts/supervisor/build.ts), so that none is made over a running one.
  distDir: process.env["SLIPWAY_DIST_DIR"] ?? ".next/manual",
  reactStrictMode: true,
  poweredByHeader: false,
  images: { unoptimized: true },
  // Types are a check of their own (`npm run typecheck`), not of every start.
  typescript: { ignoreBuildErrors: true },
  // Route types come in through next-env.d.ts; without this the build would rewrite tsconfig.json.
  experimental: { strictRouteTypes: true },
  // Native or with files of their own beside the code.
  serverExternalPackages: ["@node-rs/argon2", "pg", "pino"],
  headers: async () => [
    { source: "/:path*", headers: fallbackHeaders },
    { source: "/api/:path*", headers: [{ key: "Content-Security-Policy", value: API_POLICY }] },
    { source: "/scim/:path*", headers: [{ key: "Content-Security-Policy", value: API_POLICY }] },
    { source: "/ajax-api/:path*", headers: [{ key: "Content-Security-Policy", value: API_POLICY }] },
  ],
};

export default config;
