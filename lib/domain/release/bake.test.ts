import { describe, expect, it } from "vitest";
import { bakeCounts, judgeBake, type BakeCounts } from "./bake.ts";
import { demoCanaryPlan } from "./plan.ts";
import { freezeReference, MIN_REFERENCE_REQUESTS, withLatencyFloor } from "./reference.ts";
import { createTraffic, HONEST, USUAL_TRAFFIC, type Behaviour } from "./traffic.fixture.ts";
import type { WindowCounts } from "./window.ts";

const plan = demoCanaryPlan();
const seconds = (
  behaviour: Partial<Behaviour>,
  length: number,
  labelShare = 0.6,
): WindowCounts[] => {
  const stable = { ...HONEST, ...behaviour };
  const traffic = createTraffic({ ...USUAL_TRAFFIC, stable, labelShare });
  const rows: WindowCounts[] = [];
  for (let at = 0; at < length; at += 2) {
    rows.push(
      ...traffic.tick(2, { epoch: 5, candidateShareBp: 0, releaseId: null, thresholds: null }),
    );
  }
  return rows;
};
const reference = freezeReference(seconds({}, 60));
const baked = (behaviour: Partial<Behaviour>, labelShare?: number) => {
  if (reference === null) throw new Error("no reference");
  const counts = bakeCounts(
    seconds(behaviour, 30, labelShare),
    { versionId: "v1", fromEpoch: 5 },
    reference,
  );
  return judgeBake(plan, counts);
};

describe("the reference", () => {
  it("freezes stable's thresholds and rates from before the release", () => {
    expect(reference?.latencyThresholdsUs.p95).toBeGreaterThan(4_300);
    expect(reference?.latencyThresholdsUs.p95).toBeLessThan(4_900);
    const { bad, of } = reference?.rates.latencyP95 ?? { bad: 0, of: 1 };
    expect(bad / of).toBeGreaterThan(0.035);
    expect(bad / of).toBeLessThanOrEqual(0.05);
    expect(reference?.rates.wrongLabel.of).toBeGreaterThan(3_000);
  });

  it("is not taken from too little", () => {
    expect(freezeReference([])).toBeNull();
    const few = seconds({}, 2).map((row) => ({ ...row, requests: MIN_REFERENCE_REQUESTS - 1 }));
    expect(freezeReference(few)).toBeNull();
  });

  it("raises its thresholds to the plan's floor, never lowers them", () => {
    expect(withLatencyFloor(reference, 20_000)?.latencyThresholdsUs).toEqual({
      p95: 20_000,
      p99: 20_000,
    });
    expect(withLatencyFloor(reference, 1)).toEqual(reference);
    expect(withLatencyFloor(null, 5)).toBeNull();
  });
});

describe("the bake", () => {
  it("is clear for a version like the old one", () => {
    expect(baked({})).toMatchObject({ word: "CLEAR", action: null });
  });

  it.each<[string, Partial<Behaviour>]>([
    ["errors", { errorRate: 0.05 }],
    ["wrong labels", { wrongRate: 0.25 }],
  ])("is harm with many more %s", (_, behaviour) => {
    expect(baked(behaviour)).toMatchObject({ word: "HARM", action: "roll_back" });
  });

  it("asks a person about latency, which a slow hour of the machine explains as well", () => {
    expect(baked({ latencyUs: 20_000 })).toMatchObject({ word: "HARM", action: "hold" });
  });

  it("says nothing without requests, and nothing about labels without a past", () => {
    if (reference === null) throw new Error("no reference");
    const none = bakeCounts([], { versionId: "v1", fromEpoch: 5 }, reference);
    expect(judgeBake(plan, none).word).toBe("NO_DATA");
    const unlabelled = {
      ...reference,
      rates: { ...reference.rates, wrongLabel: { bad: 0, of: 0 } },
    };
    const counts = bakeCounts(
      seconds({ wrongRate: 0.3 }, 30),
      { versionId: "v1", fromEpoch: 5 },
      unlabelled,
    );
    expect(
      judgeBake(plan, counts).guards.find(({ metric }) => metric === "wrongLabel"),
    ).toMatchObject({
      word: "NO_DATA",
      limitRate: null,
    });
  });

  it("counts only the promoted version since its promotion", () => {
    if (reference === null) throw new Error("no reference");
    const rows = seconds({ errorRate: 0.3 }, 10);
    const of = (promoted: { versionId: string; fromEpoch: number }) =>
      bakeCounts(rows, promoted, reference).requests;
    expect(of({ versionId: "v1", fromEpoch: 6 })).toBe(0);
    expect(of({ versionId: "v2", fromEpoch: 5 })).toBe(0);
    expect(of({ versionId: "v1", fromEpoch: 5 })).toBe(1_200);
  });

  it("is recomputed bit for bit from what is stored", () => {
    if (reference === null) throw new Error("no reference");
    const counts = bakeCounts(
      seconds({ wrongRate: 0.05 }, 30),
      { versionId: "v1", fromEpoch: 5 },
      reference,
    );
    const stored: BakeCounts = JSON.parse(JSON.stringify(counts));
    expect(JSON.stringify(judgeBake(plan, stored))).toBe(JSON.stringify(judgeBake(plan, counts)));
  });
});
