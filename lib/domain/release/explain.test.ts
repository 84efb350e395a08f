import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { canonicalJson } from "#lib/domain/audit/canonical-json.ts";
import type { JudgeContext } from "./canonical-counts.ts";
import { explainDecision, firstDifference } from "./explain.ts";
import { demoCanaryPlan, type Plan } from "./plan.ts";
import { planOfStrategy } from "./strategy-plans.ts";
import { createTraffic, HONEST, USUAL_TRAFFIC } from "./traffic.fixture.ts";
import { judge } from "./verdict.ts";

const sha256 = (text: string) => createHash("sha256").update(text, "utf8").digest("hex");
const canary = demoCanaryPlan();
const triggered: Plan = {
  ...canary,
  triggers: [
    {
      metric: "errorRate",
      threshold: 0.02,
      seconds: 10,
      intervals: 1,
      minRequests: 5,
      action: "roll_back",
    },
  ],
};
const plans: readonly Plan[] = [
  canary,
  planOfStrategy("ab", canary),
  planOfStrategy("shadow", canary),
  triggered,
];

/** A decision as it is stored, made from a few seconds of seeded traffic. */
function stored(seed: number) {
  const plan = plans[seed % plans.length] ?? canary;
  const traffic = createTraffic({
    ...USUAL_TRAFFIC,
    seed,
    requestsPerSecond: 20,
    keys: seed % 3 === 0 ? 0 : 60,
    candidate: { ...HONEST, errorRate: (seed % 7) / 10 },
  });
  const thresholds = { p95: 4_000, p99: 6_000 };
  const windows = traffic.tick(10, {
    epoch: 2,
    candidateShareBp: 5_000,
    releaseId: "rel-1",
    thresholds,
  });
  const context: JudgeContext = {
    releaseId: "rel-1",
    step: { index: 0, epoch: 2, seconds: 10, sinceSeconds: 10 },
    epochs: [{ epoch: 2, candidateShareBp: 5_000, seconds: 10 }],
    latencyThresholdsUs: thresholds,
    referenceErrors: { bad: 1, of: 500 },
    blindSeconds: null,
    gaps: [],
    invalidReasons: [],
    acceptedHolds: [],
    ...(plan.triggers === undefined
      ? {}
      : { triggers: { untilMs: 60_000, intervals: [{ seconds: 10, count: 2 }] } }),
  };
  const { report, counts } = judge(plan, windows, context);
  // The road into the database and out of it: canonical bytes for the counts, JSON for the report.
  const text = canonicalJson(JSON.parse(JSON.stringify(counts)));
  return {
    plan,
    decision: {
      id: String(seed),
      counts: text,
      countsSha256: sha256(text),
      report: JSON.parse(JSON.stringify(report)) as unknown,
    },
  };
}

describe("1,000 stored decisions", () => {
  it("give the same report again, bit for bit, and of every kind", { timeout: 120_000 }, () => {
    const verdicts = new Set<string>();
    for (let seed = 1; seed <= 1_000; seed += 1) {
      const { plan, decision } = stored(seed);
      const explained = explainDecision(decision, plan, sha256);
      expect(explained.result).toBe("identical");
      if (explained.result === "identical") verdicts.add(explained.verdict);
    }
    expect([...verdicts].sort()).toEqual(expect.arrayContaining(["HARM", "INSUFFICIENT"]));
  });
});

describe("a stored decision is told apart", () => {
  const { plan, decision } = stored(8);

  it("when its counts were changed", () => {
    const counts = decision.counts.replace('"requests":', '"requests": ');
    expect(explainDecision({ ...decision, counts }, plan, sha256)).toEqual({
      result: "changed_counts",
    });
  });

  it("when its report was changed in the last bit", () => {
    const report = structuredClone(decision.report) as { guards: { logEHarm: number }[] };
    const guard = report.guards[0]!;
    guard.logEHarm = guard.logEHarm * (1 + Number.EPSILON) + Number.EPSILON;
    expect(explainDecision({ ...decision, report }, plan, sha256)).toEqual({
      result: "different",
      at: "/guards/0/logEHarm",
    });
  });

  it("when another plan is held against it, and when it rests on nothing", () => {
    const stricter = { ...plan, guards: plan.guards.map((guard) => ({ ...guard, limitRatio: 3 })) };
    expect(explainDecision(decision, stricter, sha256).result).toBe("different");
    expect(
      explainDecision({ ...decision, counts: "null", countsSha256: sha256("null") }, plan, sha256),
    ).toEqual({ result: "no_counts" });
    expect(firstDifference({ a: [1, { b: 2 }] }, { a: [1, { b: 3 }] })).toBe("/a/1/b");
  });
});
