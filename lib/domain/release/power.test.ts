import { describe, expect, it } from "vitest";
import { defaultCanaryPlan, PRODUCTION_CANARY_POLICY, type RateGuard } from "./plan.ts";
import { detection, powerOf, safeSeconds } from "./power.ts";

const plan = defaultCanaryPlan(PRODUCTION_CANARY_POLICY);
/** The setting of the published table: null ratio 1, alpha 0.01, a share of 5 % that lasts. */
const guard: RateGuard = {
  ...plan.guards[0]!,
  limitRatio: 1,
  alpha: 0.01,
  absoluteCeiling: null,
  betaAbsolute: 0,
  betaRelative: 0.05,
};
const atFivePercent = {
  ...plan,
  steps: [{ weightBp: 500, dwellSeconds: 60, minUnits: 0, advance: "safe" as const }],
};

describe("what can be told in advance", () => {
  it.each([
    [2, 370],
    [5, 42],
  ])(
    "a rate %d times stable's is found after about %d bad events of both arms, as worked out by hand",
    (ratio, events) => {
      const { seconds, badAnswers } = detection(
        atFivePercent,
        guard,
        { requestsPerSecond: 20, baseRate: 0.01 },
        ratio,
      );
      const perSecond = 20 * 0.01 * (0.95 + 0.05 * ratio);
      expect((seconds ?? 0) * perSecond).toBeGreaterThan(0.97 * events);
      expect((seconds ?? 0) * perSecond).toBeLessThan(1.03 * events);
      expect(badAnswers).toBeCloseTo((seconds ?? 0) * 20 * 0.01 * 0.05 * ratio, 6);
    },
  );

  it("takes half as long with twice the traffic, and never ends without any", () => {
    const slow = detection(atFivePercent, guard, { requestsPerSecond: 10, baseRate: 0.01 }, 5);
    const fast = detection(atFivePercent, guard, { requestsPerSecond: 20, baseRate: 0.01 }, 5);
    expect(slow.seconds).toBeCloseTo(2 * (fast.seconds ?? 0), 6);
    expect(slow.badAnswers).toBeCloseTo(fast.badAnswers ?? 0, 6);
    expect(
      detection(atFivePercent, guard, { requestsPerSecond: 0, baseRate: 0.01 }, 5).seconds,
    ).toBeNull();
    expect(
      detection(atFivePercent, guard, { requestsPerSecond: 20, baseRate: 0 }, 5).seconds,
    ).toBeNull();
  });

  it("proves safety where nothing fails after as many clean requests as the ceiling asks for", () => {
    const clean: RateGuard = { ...guard, limitRatio: 2, absoluteCeiling: 0.01, betaAbsolute: 0.05 };
    // 389 clean requests prove less than 1 %; a tenth of 10 requests/s is one a second.
    expect(safeSeconds(clean, { requestsPerSecond: 10, baseRate: 0 }, 1_000)).toBe(389);
  });

  it("says nothing of plans that compare no errors", () => {
    expect(powerOf({ ...plan, guards: [] }, { requestsPerSecond: 20, baseRate: 0.01 })).toBeNull();
    expect(powerOf(plan, { requestsPerSecond: 20, baseRate: 0.01 })?.safeSeconds).toBeGreaterThan(
      0,
    );
  });
});
