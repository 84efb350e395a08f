import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { canonicalCounts, type JudgeContext } from "./canonical-counts.ts";
import { candidateUnitsAtRisk, evidenceWeight, freshShare, isKeyless } from "./evidence.ts";
import { foldWindows } from "./fold-windows.ts";
import { demoCanaryPlan, type Plan } from "./plan.ts";
import { guardsPastLimit, judge, recompute } from "./verdict.ts";
import { createTraffic, HONEST, USUAL_TRAFFIC, type TrafficSettings } from "./traffic.fixture.ts";
import type { WindowCounts } from "./window.ts";

const plan = demoCanaryPlan();
const context = (over: Partial<JudgeContext> = {}): JudgeContext => ({
  releaseId: "rel-1",
  step: { index: 1, epoch: 3, seconds: 60, sinceSeconds: 62 },
  epochs: [
    { epoch: 2, candidateShareBp: 1_000, seconds: 30 },
    { epoch: 3, candidateShareBp: 2_500, seconds: 60 },
  ],
  latencyThresholdsUs: { p95: 4_500, p99: 6_400 },
  referenceErrors: { bad: 0, of: 5_000 },
  blindSeconds: null,
  gaps: [],
  invalidReasons: [],
  acceptedHolds: [],
  ...over,
});

/** 30 s at 10 % and 60 s at 25 %, in windows of 2 s. */
function windows(over: Partial<TrafficSettings> = {}): WindowCounts[] {
  const traffic = createTraffic({ ...USUAL_TRAFFIC, ...over });
  const routing = { releaseId: "rel-1", thresholds: { p95: 4_500, p99: 6_400 } };
  const rows: WindowCounts[] = [];
  for (let tick = 0; tick < 45; tick += 1) {
    const [epoch, candidateShareBp] = tick < 15 ? [2, 1_000] : [3, 2_500];
    rows.push(...traffic.tick(2, { ...routing, epoch, candidateShareBp }));
  }
  return rows;
}
const report = (
  over: Partial<TrafficSettings> = {},
  when: Partial<JudgeContext> = {},
  by: Plan = plan,
) => judge(by, windows(over), context(when)).report;
const guard = (name: string, over: Partial<TrafficSettings> = {}) => {
  const found = report(over).guards.find(({ metric }) => metric === name);
  if (found === undefined) throw new Error(`no guard ${name}`);
  return found;
};

describe("a verdict", () => {
  it("is SAFE when every proving guard is, and says which way proved it", () => {
    const { verdict, guards, action } = report();
    expect({ verdict, action }).toEqual({ verdict: "SAFE", action: null });
    expect(guards.find(({ metric }) => metric === "error")).toMatchObject({
      word: "SAFE",
      provenBy: "ceiling",
    });
    expect(guards.find(({ metric }) => metric === "wrongLabel")).toMatchObject({
      word: "SAFE",
      provenBy: "ratio",
    });
  });

  it("is HARM when the whole band of a guard is past its limit", () => {
    const { verdict, action, guards } = report({ candidate: { ...HONEST, wrongRate: 0.2 } });
    expect({ verdict, action }).toEqual({ verdict: "HARM", action: "roll_back" });
    const wrong = guards.find(({ metric }) => metric === "wrongLabel");
    expect(wrong?.word).toBe("HARM");
    expect(wrong?.band.lower).toBeGreaterThanOrEqual(2);
    expect(wrong?.candidate.rate).toBeCloseTo(0.2, 1);
    expect(wrong?.stable.rate).toBeCloseTo(0.03, 1);
  });

  it("notices a slow candidate by the share slower than stable's thresholds", () => {
    expect(guard("latencyP95", { candidate: { ...HONEST, latencyUs: 4_000 } }).word).toBe("HARM");
    expect(guard("latencyP95").word).toBe("SAFE");
  });

  it("is INSUFFICIENT with little data, and tells how much is still needed", () => {
    const start = context({
      step: { index: 0, epoch: 2, seconds: 20, sinceSeconds: 20 },
      epochs: [{ epoch: 2, candidateShareBp: 1_000, seconds: 20 }],
    });
    const { verdict, guards, etaSeconds, unitsStillNeeded } = judge(
      plan,
      windows().slice(0, 20),
      start,
    ).report;
    expect(verdict).toBe("INSUFFICIENT");
    expect(guards.some(({ word }) => word === "HARM")).toBe(false);
    expect(etaSeconds).toBeGreaterThan(5);
    expect(etaSeconds).toBeLessThan(600);
    expect(unitsStillNeeded).toBeGreaterThan(50);
  });

  it("needs labels to call wrong labels safe: none is not zero", () => {
    const { verdict, guards } = report({ labelShare: 0 });
    expect(verdict).toBe("INSUFFICIENT");
    expect(guards.find(({ metric }) => metric === "wrongLabel")?.word).toBe("NO_DATA");
  });

  it("has no data about latency without thresholds", () => {
    const { guards } = report({}, { latencyThresholdsUs: null });
    expect(guards.find(({ metric }) => metric === "latencyP95")?.word).toBe("NO_DATA");
  });

  it("is never SAFE without traffic or without a guard that proves it", () => {
    expect(judge(plan, [], context()).report.verdict).toBe("INSUFFICIENT");
    const proofless = {
      ...plan,
      guards: plan.guards.map((entry) => ({ ...entry, provesSafe: false })),
    };
    expect(report({}, {}, proofless).verdict).toBe("INSUFFICIENT");
  });

  it("is TIMED_OUT once an undecided step is past its limit", () => {
    const late = { step: { index: 1, epoch: 3, seconds: 60, sinceSeconds: plan.maxStepSeconds } };
    expect(judge(plan, windows().slice(0, 20), context(late)).report.verdict).toBe("TIMED_OUT");
  });

  it("is INVALID when keys do not fall as the weights say, before anything else", () => {
    const broken = report({ splitFault: 1.5, candidate: { ...HONEST, wrongRate: 0.3 } });
    expect(broken.verdict).toBe("INVALID");
    expect(broken.split).toMatchObject({ isAlarm: true });
    expect(broken.action).toBeNull();
  });

  it("is INVALID when a runtime could not remember all failing keys, or says so itself", () => {
    const rows = windows();
    const [first, ...rest] = rows;
    const overflown = first === undefined ? rest : [{ ...first, overflow: true }, ...rest];
    expect(judge(plan, overflown, context()).report.verdict).toBe("INVALID");
    expect(report({}, { invalidReasons: ["Thresholds changed."] }).invalidReasons).toEqual([
      "Thresholds changed.",
    ]);
  });

  it("is BLIND while an arm is silent, unless harm was seen before", () => {
    expect(report({}, { blindSeconds: 20 }).verdict).toBe("BLIND");
    expect(report({ candidate: { ...HONEST, wrongRate: 0.3 } }, { blindSeconds: 20 }).verdict).toBe(
      "HARM",
    );
  });

  it("asks for a person when predictions shift, and stops asking once a person accepted it", () => {
    const shifted = { candidate: { ...HONEST, yesShare: 0.75 } };
    expect(report(shifted)).toMatchObject({ verdict: "HARM", action: "hold" });
    expect(report(shifted, { acceptedHolds: ["predictions"] }).verdict).toBe("SAFE");
    expect(report({ candidate: { ...HONEST, yesShare: 0.42 } }).predictions?.word).toBe(
      "UNDECIDED",
    );
  });

  it("cannot have a rollback guard accepted away", () => {
    const bad = report(
      { candidate: { ...HONEST, wrongRate: 0.3 } },
      { acceptedHolds: ["wrongLabel"] },
    );
    expect(guardsPastLimit(bad, ["wrongLabel"])).toEqual([
      { metric: "wrongLabel", action: "roll_back" },
    ]);
  });

  it("does not blame the candidate when stable itself fails as never before", () => {
    const both = { ...HONEST, errorRate: 0.08 };
    expect(report({ stable: both, candidate: both })).toMatchObject({ isStableUnhealthy: true });
    expect(report().isStableUnhealthy).toBe(false);
  });
});

describe("the stored counts", () => {
  const rows = windows({ candidate: { ...HONEST, wrongRate: 0.06 } });
  const { counts, report: made } = judge(plan, rows, context());

  it("give the same report, bit for bit, after a trip through JSON", () => {
    const stored: unknown = JSON.parse(JSON.stringify(counts));
    expect(stored).toEqual(counts);
    expect(JSON.stringify(recompute(JSON.parse(JSON.stringify(counts)), plan))).toBe(
      JSON.stringify(made),
    );
  });

  it("hold no number that JSON cannot carry", () => {
    expect(JSON.parse(JSON.stringify(made))).toEqual(made);
    const nothing = judge(plan, [], context()).report;
    expect(JSON.parse(JSON.stringify(nothing))).toEqual(nothing);
  });

  it("do not depend on order, repetition or older states of the windows", () => {
    const text = JSON.stringify(counts);
    const older = rows.map((row) => ({ ...row, seq: 0, requests: 0, units: 0 }));
    fc.assert(
      fc.property(
        fc.shuffledSubarray([...rows, ...rows.slice(0, 40), ...older], {
          minLength: rows.length * 2 + 40,
        }),
        (mixed) => {
          expect(JSON.stringify(canonicalCounts(mixed, context()))).toBe(text);
        },
      ),
      { numRuns: 15 },
    );
  });

  it("are a few kilobytes, whatever the number of windows", () => {
    expect(rows.length).toBeGreaterThan(90);
    expect(JSON.stringify(counts).length).toBeLessThan(6_000);
  });

  it("are the same from folded windows, but for the number of rows", () => {
    const [old, fresh] = [rows.slice(0, 60), rows.slice(60)];
    const folded = [...foldWindows(old), ...fresh];
    expect(folded.length).toBeLessThan(rows.length - 40);
    expect({ ...canonicalCounts(folded, context()), windows: counts.windows }).toEqual(counts);
  });

  it("leave out other releases, other arms and epochs without a share", () => {
    const foreign = rows.map((row) => ({ ...row, releaseId: "rel-0", bootId: "other" }));
    const shadow = rows.map((row) => ({ ...row, arm: "shadow" as const, bootId: "other" }));
    const before = rows.map((row) => ({ ...row, epoch: 1, bootId: "other" }));
    expect(canonicalCounts([...rows, ...foreign, ...shadow, ...before], context())).toEqual(counts);
  });

  it("add a late label to the epoch of its prediction, in a window of its own", () => {
    const late: WindowCounts = {
      ...(rows[0] as WindowCounts),
      arm: "candidate",
      versionId: "v2",
      epoch: 2,
      windowStart: "1970-01-01T01:00:00.000Z",
      requests: 0,
      units: 0,
      labels: { received: 1, wrong: 1 },
      firstBad: { error: 0, latencyP95: 0, latencyP99: 0, wrongLabel: 1 },
    };
    const [before, after] = [counts, canonicalCounts([...rows, late], context())].map(
      (entry) => entry.epochs[0]?.candidate.firstBad.wrongLabel ?? 0,
    );
    expect(after).toBe((before ?? 0) + 1);
  });
});

describe("units", () => {
  const countsOf = (over: Partial<TrafficSettings>) => canonicalCounts(windows(over), context());

  it("are requests where keys do not come back", () => {
    const counts = countsOf({ keys: 0 });
    expect(isKeyless(counts)).toBe(true);
    expect(evidenceWeight(counts, "wrongLabel")).toBe(1);
    expect(freshShare(counts, "wrongLabel")).toBe(1);
    expect(candidateUnitsAtRisk(counts, "error")).toBe(
      counts.epochs.reduce((sum, epoch) => sum + epoch.candidate.units, 0),
    );
  });

  it("are keys where they do, and are counted once over epochs and runtimes", () => {
    const counts = countsOf({ keys: 1_000, runtimes: 3 });
    expect(isKeyless(counts)).toBe(false);
    expect(candidateUnitsAtRisk(counts, "error")).toBeLessThanOrEqual(280);
    expect(evidenceWeight(counts, "wrongLabel")).toBeGreaterThanOrEqual(1 / 3);
    expect(evidenceWeight(counts, "wrongLabel")).toBeLessThan(0.5);
  });

  it("of one runtime carry full weight", () => {
    expect(evidenceWeight(countsOf({ keys: 1_000 }), "wrongLabel")).toBe(1);
  });

  it("that stable used up do not count as clean in the candidate", () => {
    const clean = countsOf({ keys: 2_000 });
    const failing = countsOf({ keys: 2_000, stable: { ...HONEST, errorRate: 0.05 } });
    expect(candidateUnitsAtRisk(failing, "error")).toBeLessThan(
      candidateUnitsAtRisk(clean, "error"),
    );
  });

  it("used up widen the band instead of proving safety", () => {
    const few = guard("wrongLabel", { keys: 150 });
    expect(few.freshShare).toBeLessThan(0.75);
    expect(few.word).not.toBe("SAFE");
  });
});
