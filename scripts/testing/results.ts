import { z } from "zod";

export type Results = { passed: number; failed: number; skipped: number };

const vitestReport = z.object({
  numPassedTests: z.number(),
  numFailedTests: z.number(),
  numPendingTests: z.number().default(0),
  testResults: z.array(z.object({ status: z.string(), assertionResults: z.array(z.unknown()) })),
});

/** Counts of vitest's JSON report. A file that could not even be loaded has no tests in it and counts as one failure. */
export function readVitestReport(text: string): Results {
  const report = vitestReport.parse(JSON.parse(text));
  const unloaded = report.testResults.filter(
    (file) => file.status === "failed" && file.assertionResults.length === 0,
  );
  return {
    passed: report.numPassedTests,
    failed: report.numFailedTests + unloaded.length,
    skipped: report.numPendingTests,
  };
}

const playwrightReport = z.object({
  stats: z.object({
    expected: z.number(),
    unexpected: z.number(),
    flaky: z.number(),
    skipped: z.number(),
  }),
  errors: z.array(z.unknown()).default([]),
});

/** Counts of Playwright's JSON report. There are no retries, so a flaky test would be a mistake: it counts as failed. */
export function readPlaywrightReport(text: string): Results {
  const { stats, errors } = playwrightReport.parse(JSON.parse(text));
  return {
    passed: stats.expected,
    failed: stats.unexpected + stats.flaky + errors.length,
    skipped: stats.skipped,
  };
}

/**
 * What a stage adds to the sum: its report when it left one, else one pass or failure for the whole. A stage that ended badly counts
 * at least one failure, whatever its report says.
 */
export function stageResults(exitedWell: boolean, report: Results | null): Results {
  if (report === null)
    return exitedWell ? { passed: 1, failed: 0, skipped: 0 } : { passed: 0, failed: 1, skipped: 0 };
  return exitedWell || report.failed > 0 ? report : { ...report, failed: 1 };
}

export function sum(all: readonly Results[]): Results {
  return all.reduce(
    (total, one) => ({
      passed: total.passed + one.passed,
      failed: total.failed + one.failed,
      skipped: total.skipped + one.skipped,
    }),
    { passed: 0, failed: 0, skipped: 0 },
  );
}
