import { expect, test } from "vitest";

import { UNDECIDED_GUARD, verdictReport } from "#lib/domain/release/verdict-report.fixture.ts";
import { gaugeView } from "./summaries.ts";

const REPORT = verdictReport("SAFE", null);
const withGuards = (...guards: (typeof UNDECIDED_GUARD)[]) => ({ ...REPORT, guards });
const PROVEN = { ...UNDECIDED_GUARD, metric: "wrongLabel" as const, word: "SAFE" as const, provenBy: "ratio" as const, ratio: 0.5, band: { lower: 0.2, upper: 0.9 } };

test("the small gauge shows the guard that is past its limit before one that is undecided, and that before a proven one", () => {
  const harm = { ...UNDECIDED_GUARD, metric: "error" as const, word: "HARM" as const, band: { lower: 3, upper: 9 } };
  expect(gaugeView(withGuards(PROVEN, UNDECIDED_GUARD, harm))?.band.low).toBe(3);
  expect(gaugeView(withGuards(PROVEN, UNDECIDED_GUARD))?.band.low).toBe(UNDECIDED_GUARD.band.lower);
});

test("of a good release it shows what its ratio proved: neither a guard that only stops nor one proven by its ceiling, whose ratio may be past the limit", () => {
  const onlyStops = { ...UNDECIDED_GUARD, provesSafe: false, ratio: 10.7, band: { lower: 0, upper: Infinity } };
  const byCeiling = { ...UNDECIDED_GUARD, word: "SAFE" as const, provenBy: "ceiling" as const, ratio: 10.7, band: { lower: 0, upper: Infinity } };
  expect(gaugeView(withGuards(onlyStops, byCeiling, PROVEN))?.band.estimate).toBe(0.5);
  expect(gaugeView(withGuards(onlyStops, byCeiling))).toBeNull();
});
