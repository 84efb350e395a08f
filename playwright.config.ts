import { defineConfig, devices } from "@playwright/test";
import { readdirSync } from "node:fs";
import { join } from "node:path";

/**
 * Browser journeys against a product that e2e/start-product.ts starts for the run (own data directory, own ports).
 * `npm test` passes the path of a Chromium and of the report; `npx playwright test` alone uses Playwright's own.
 */
const journeys = readdirSync(join(import.meta.dirname, "e2e"))
  .filter((name) => name.endsWith(".spec.ts"))
  .map((name) => name.slice(0, -".spec.ts".length));

const executablePath = process.env["SLIPWAY_CHROMIUM"];
const report = process.env["PLAYWRIGHT_JSON_OUTPUT_FILE"];
const isRoot = process.getuid?.() === 0;

export default defineConfig({
  testDir: "./e2e",
  globalSetup: "./e2e/start-product.ts",
  outputDir: "./test-results",
  // One browser and one product on two cores; journeys share the demo's stories.
  workers: 1,
  fullyParallel: false,
  retries: 0,
  forbidOnly: true,
  timeout: 120_000,
  expect: { timeout: 15_000 },
  reporter: [
    ["list"],
    ...(report === undefined ? [] : [["json", { outputFile: report }] as const]),
  ],
  use: {
    ...devices["Desktop Chrome"],
    viewport: { width: 1280, height: 720 },
    trace: "retain-on-failure",
    launchOptions: {
      ...(executablePath === undefined ? {} : { executablePath }),
      args: ["--disable-background-networking", ...(isRoot ? ["--no-sandbox"] : [])],
    },
    ...(process.env["SLIPWAY_E2E_URL"] === undefined
      ? {}
      : { baseURL: process.env["SLIPWAY_E2E_URL"] }),
  },
  projects: journeys.map((name) => ({ name, testMatch: `${name}.spec.ts` })),
});
