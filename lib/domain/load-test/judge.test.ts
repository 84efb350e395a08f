import { describe, expect, it } from "vitest";
import { judgeLoad, memoryNeeded, sayLoad } from "./judge.ts";
import type { LoadStage } from "./stages.ts";

const MIB = 1_048_576;
const stage = (factor: number, differs: Partial<LoadStage> = {}): LoadStage => {
  const rate = 120 * factor;
  return {
    factor, plannedPerSecond: rate, seconds: 10, sent: rate * 10, answered: rate * 10, refused: 0, failed: 0, late: 0, reachedPerSecond: rate,
    latencyMsP50: 4, latencyMsP95: 11, latencyMsP99: 18, frontCores: 0.2, hostCores: 0.5, peakMemoryBytes: 100 * MIB, ...differs,
  };
};
const agreed = { latencyLimitMs: null, memoryLimitBytes: null };
const report = (...stages: LoadStage[]) => ({ stages, hostRestarts: 0 });

describe("what a load test shows", () => {
  it("names the headroom as a lower bound when every stage was held", () => {
    const all = report(stage(1), stage(1.5), stage(2));
    const verdict = judgeLoad(all, agreed);
    expect(verdict).toEqual({ headroom: 2, isOpenEnded: true, limit: null, faults: [], inconclusive: null });
    expect(sayLoad(all, verdict, 120)).toBe("Held 2x the planned 120 requests/s with p99 18 ms; headroom at least 2x.");
  });

  it("ends the headroom at the first stage that refuses, also when a later one holds", () => {
    const some = report(stage(1), stage(1.5, { refused: 40, answered: 1760 }), stage(2));
    const verdict = judgeLoad(some, agreed);
    expect(verdict).toMatchObject({ headroom: 1, isOpenEnded: false, faults: [] });
    expect(sayLoad(some, verdict, 120)).toBe("Held the planned 120 requests/s with p99 18 ms; headroom 1x: at 1.5x 40 of 1800 requests were refused.");
  });

  it.each([
    ["a failure", { failed: 3 }, "At the planned rate 3 of 1200 requests failed."],
    ["a refusal", { refused: 1 }, "At the planned rate 1 of 1200 requests were refused."],
    ["a rate that was not reached", { reachedPerSecond: 90 }, "At the planned rate only 90 of 120 requests a second were answered."],
    ["a p99 past what was agreed", { latencyMsP99: 26 }, "At the planned rate p99 was 26 ms; at most 25 ms was agreed."],
    ["a p99 that was not measured", { latencyMsP99: null }, "At the planned rate p99 was not measured; at most 25 ms was agreed."],
  ])("does not pass with %s at the planned rate", (_name, differs, fault) => {
    const verdict = judgeLoad(report(stage(1, differs), stage(1.5), stage(2)), { ...agreed, latencyLimitMs: 25 });
    expect(verdict.headroom).toBe(0);
    expect(verdict.faults).toEqual([fault]);
    expect(sayLoad(report(stage(1, differs)), verdict, 120)).toMatch(/^Did not hold the planned 120 requests\/s: /);
  });

  it("does not pass when model hosts were lost, or when the memory limit leaves no margin above the peak", () => {
    expect(judgeLoad({ stages: [stage(1)], hostRestarts: 2 }, agreed).faults).toEqual(["Model hosts were lost 2 times under load."]);
    const tight = judgeLoad(report(stage(1), stage(1.5, { peakMemoryBytes: 240 * MIB })), { latencyLimitMs: null, memoryLimitBytes: 256 * MIB });
    expect(tight.faults).toEqual(["A model host needs 264 MiB with its margin; the limit is 256 MiB."]);
    expect(judgeLoad(report(stage(1)), { latencyLimitMs: null, memoryLimitBytes: 111 * MIB }).faults).toEqual([]);
    expect(memoryNeeded([stage(1, { peakMemoryBytes: null })])).toBeNull();
  });

  it("blames the endpoint for nothing that the sender may have done, and takes what was held in spite of it", () => {
    expect(judgeLoad(report(stage(1, { late: 13, reachedPerSecond: 90 })), agreed).inconclusive).toContain("13 of 1200 requests");
    expect(judgeLoad(report(stage(1, { late: 12, reachedPerSecond: 90 })), agreed).inconclusive).toBeNull();
    expect(judgeLoad(report(stage(1, { late: 900 })), agreed)).toMatchObject({ headroom: 1, inconclusive: null, faults: [] });
    const later = judgeLoad(report(stage(1), stage(1.5), stage(2, { late: 900, reachedPerSecond: 150 })), agreed);
    expect(later).toMatchObject({ headroom: 1.5, isOpenEnded: false, faults: [], inconclusive: null });
    expect(later.limit?.because).toContain("could not be sent in time");
  });

  it("says so when nothing was sent", () => {
    const verdict = judgeLoad(report(), agreed);
    expect(verdict).toMatchObject({ headroom: 0, isOpenEnded: false, faults: ["Nothing was sent."] });
  });
});
