import { defineConfig } from "vitest/config";

/** `unit` needs nothing; `db` and `process` get a PostgreSQL from scripts/vitest-database.ts, or share the one of scripts/test.mjs. */
export default defineConfig({
  test: {
    retry: 0,
    projects: [
      {
        test: {
          name: "unit",
          include: ["{lib,cli,runtime,components,scripts,examples,prisma}/**/*.test.{ts,tsx}"],
          exclude: ["**/*.db.test.ts", "**/*.process.test.ts", "**/node_modules/**"],
          environment: "node",
          // Nothing here waits for anything; this only keeps property tests from failing on a busy machine.
          testTimeout: 30_000,
        },
      },
      {
        test: {
          name: "db",
          include: ["{lib,cli,prisma,scripts}/**/*.db.test.ts"],
          globalSetup: "./scripts/vitest-database.ts",
          environment: "node",
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
      {
        test: {
          name: "process",
          include: ["{lib,cli,runtime,scripts}/**/*.process.test.ts"],
          globalSetup: "./scripts/vitest-database.ts",
          environment: "node",
          testTimeout: 120_000,
          hookTimeout: 120_000,
          fileParallelism: false,
        },
      },
    ],
  },
});
