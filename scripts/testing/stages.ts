import { readFileSync } from "node:fs";
import { join } from "node:path";

import { readPlaywrightReport, readVitestReport } from "./results.ts";
import type { Results } from "./results.ts";

export type StageName =
  "typecheck" | "lint" | "layers" | "unused" | "unit" | "db" | "process" | "e2e";

export type Stage = {
  name: StageName;
  /** Words after `node`. */
  args: readonly string[];
  env: Readonly<Record<string, string>>;
  limitMinutes: number;
  /** Counts from the report file that the stage leaves; null: the stage is one check. */
  report: (() => Results) | null;
};

/**
 * The stages in the lanes in which they run: those of one lane one after the other, lanes side by side, rounds one after the other.
 * Whatever measures time or kills processes has the machine to itself.
 */
export const ROUNDS: readonly (readonly (readonly StageName[])[])[] = [
  [
    ["typecheck", "lint"],
    ["unit", "layers", "unused", "db"],
  ],
  [["process"]],
  [["e2e"]],
];

export const STAGE_NAMES = ROUNDS.flat(2);

/** How a stage is run. `reports` is the folder for report files. */
export function stage(name: StageName, root: string, reports: string, full: boolean): Stage {
  const program = (path: string): string => join(root, "node_modules", path);
  const file = join(reports, `${name}.json`);
  const check = (args: readonly string[]): Stage => ({
    name,
    args,
    env: {},
    limitMinutes: 12,
    report: null,
  });
  const vitest = (limitMinutes: number): Stage => ({
    name,
    args: [
      program("vitest/vitest.mjs"),
      "run",
      "--project",
      name,
      "--reporter=default",
      "--reporter=json",
      `--outputFile.json=${file}`,
      "--passWithNoTests",
    ],
    env: {},
    limitMinutes: full ? 90 : limitMinutes,
    report: () => readVitestReport(readFileSync(file, "utf8")),
  });
  switch (name) {
    case "typecheck":
      return check([join(root, "scripts", "typecheck.ts")]);
    case "lint":
      return check([program("eslint/bin/eslint.js"), ".", "--max-warnings", "0"]);
    case "layers":
      return check([
        program("dependency-cruiser/bin/dependency-cruiser.mjs"),
        ...["app", "components", "lib", "runtime", "cli", "scripts", "e2e", "bench", "server.ts"],
        "--config",
        ".dependency-cruiser.mjs",
      ]);
    case "unused":
      return check([program("knip/bin/knip.js")]);
    case "unit":
      return vitest(15);
    case "db":
      return vitest(15);
    case "process":
      return vitest(20);
    case "e2e":
      return {
        name,
        args: [program("@playwright/test/cli.js"), "test"],
        env: { PLAYWRIGHT_JSON_OUTPUT_FILE: file },
        limitMinutes: full ? 60 : 25,
        report: () => readPlaywrightReport(readFileSync(file, "utf8")),
      };
  }
}
