import { join } from "node:path";
import { cruise } from "dependency-cruiser";
import type { ICruiseResult } from "dependency-cruiser";
import { beforeAll, expect, it } from "vitest";
import layers from "../.dependency-cruiser.mjs";

/** Each file of `layers.fixture/` breaks one rule, but for those named `right`; which rule is said here. */
const BROKEN: readonly (readonly [rule: string, from: string, to: RegExp])[] = [
  ["domain-is-pure", "lib/domain/wrong.ts", /^lib\/contracts\/shape\.ts$/],
  ["domain-is-pure", "lib/domain/by-alias.ts", /^lib\/server\/work\.ts$/],
  ["domain-has-no-packages", "lib/domain/reads-a-file.ts", /^fs$/],
  ["domain-has-no-packages", "lib/domain/uses-a-package.ts", /zod/],
  ["contracts", "lib/contracts/wrong.ts", /^lib\/server\/work\.ts$/],
  ["server", "lib/server/wrong.ts", /^lib\/client\/view\.ts$/],
  ["api", "lib/api/wrong.ts", /^lib\/server\/work\.ts$/],
  ["pages-do-not-carry-the-server", "lib/api/carries-the-server.ts", /^lib\/server\/composition\.ts$/],
  ["client", "lib/client/wrong.ts", /^lib\/server\/work\.ts$/],
  ["ui-primitives", "components/ui/wrong.ts", /^lib\/client\/view\.ts$/],
  ["features-stay-apart", "components/releases/wrong.ts", /^components\/models\/page\.ts$/],
  ["runtime-stands-alone", "runtime/wrong.ts", /^lib\/server\/work\.ts$/],
  ["runtime-stands-alone", "runtime/only-a-type.ts", /^lib\/server\/work\.ts$/],
  ["cli-speaks-api", "cli/wrong.ts", /^lib\/server\/work\.ts$/],
  ["e2e-is-outside", "e2e/wrong.ts", /^lib\/server\/work\.ts$/],
  ["prisma-behind-repositories", "lib/server/uses-prisma.ts", /@prisma\/adapter-pg/],
  ["no-framework-in-core", "lib/domain/uses-react.ts", /node_modules\/react\//],
  ["no-cycles", "lib/domain/circle-a.ts", /^lib\/domain\/circle-b\.ts$/],
];

let violations: ICruiseResult["summary"]["violations"] = [];

beforeAll(async () => {
  const { output } = await cruise(["lib", "components", "runtime", "cli", "e2e"], {
    ...layers.options,
    // The fixture's package.json maps its names; no compiler settings are read.
    tsConfig: {},
    baseDir: join(import.meta.dirname, "layers.fixture"),
    validate: true,
    ruleSet: { forbidden: layers.forbidden },
  });
  if (typeof output === "string") throw new Error(output);
  violations = output.summary.violations;
}, 60_000);

it.each(BROKEN)("%s is broken by %s", (rule, from, to) => {
  const found = violations.filter((one) => one.rule.name === rule && one.from === from);
  expect(found.map((one) => one.to)).toEqual([expect.stringMatching(to)]);
  expect(found.map((one) => one.rule.severity)).toEqual(["error"]);
});

it("every rule has a file here that breaks it", () => {
  expect(new Set(BROKEN.map(([rule]) => rule))).toEqual(
    new Set(layers.forbidden.map(({ name }) => name)),
  );
});

it("what the rules allow is not reported", () => {
  expect(violations.filter(({ from }) => from.endsWith("/right.ts"))).toEqual([]);
});
