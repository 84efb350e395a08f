import { expect, test } from "vitest";

import { readPlaywrightReport, readVitestReport, stageResults, sum } from "./results.ts";

test("a test file that cannot be loaded counts as a failure, though it holds no test", () => {
  const report = {
    numPassedTests: 3,
    numFailedTests: 1,
    numPendingTests: 2,
    testResults: [
      { status: "failed", assertionResults: [] },
      { status: "failed", assertionResults: [{}] },
      { status: "passed", assertionResults: [{}] },
    ],
  };
  expect(readVitestReport(JSON.stringify(report))).toEqual({ passed: 3, failed: 2, skipped: 2 });
});

test("errors outside any browser test count as failures", () => {
  const report = {
    stats: { expected: 5, unexpected: 1, flaky: 1, skipped: 1 },
    errors: [{ message: "set-up" }],
  };
  expect(readPlaywrightReport(JSON.stringify(report))).toEqual({
    passed: 5,
    failed: 3,
    skipped: 1,
  });
});

test("a check without a report counts as one", () => {
  expect(stageResults(true, null)).toEqual({ passed: 1, failed: 0, skipped: 0 });
  expect(stageResults(false, null)).toEqual({ passed: 0, failed: 1, skipped: 0 });
});

test("a stage that ended badly is never all green", () => {
  expect(stageResults(false, { passed: 9, failed: 0, skipped: 0 }).failed).toBe(1);
  expect(stageResults(false, { passed: 9, failed: 4, skipped: 0 }).failed).toBe(4);
});

test("sums add up", () => {
  expect(
    sum([
      { passed: 1, failed: 2, skipped: 0 },
      { passed: 3, failed: 0, skipped: 4 },
    ]),
  ).toEqual({
    passed: 4,
    failed: 2,
    skipped: 4,
  });
});
