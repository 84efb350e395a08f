import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { floorRefusal, floorsOf, isHeld, RECORD_CLASSES, retentionOf, type RetentionFacts } from "./record-classes.ts";

const NOTHING: RetentionFacts = { hasEuHighRisk: false, decidesUsCredit: false, usHealthcare: false, part11: false, evidenceDays: 3653 };
const facts = fc.record({ hasEuHighRisk: fc.boolean(), decidesUsCredit: fc.boolean(), usHealthcare: fc.boolean(), part11: fc.boolean(), evidenceDays: fc.integer({ min: 1, max: 10_000 }) });

describe("floors of law", () => {
  it("bind by what the models are", () => {
    expect(floorsOf("hourly_counts", NOTHING)).toEqual([]);
    expect(floorsOf("hourly_counts", { ...NOTHING, hasEuHighRisk: true }).map(({ days }) => days)).toEqual([184]);
    expect(floorsOf("evidence", { ...NOTHING, hasEuHighRisk: true, usHealthcare: true }).map(({ id }) => id)).toEqual(["eu-18-1", "hipaa-316"]);
    expect(floorsOf("audit_trail", NOTHING).map(({ id }) => id)).toEqual(["product-trail"]);
  });

  it("keep the trail under Part 11 as long as the evidence it signs", () => {
    expect(floorsOf("audit_trail", { ...NOTHING, part11: true, evidenceDays: 5000 })[0]).toMatchObject({ id: "part11-10", days: 5000 });
    expect(floorsOf("audit_trail", { ...NOTHING, part11: true, hasEuHighRisk: true, evidenceDays: 30 })[0]).toMatchObject({ id: "part11-10", days: 3653 });
  });

  it("refuse anything shorter and name themselves", () => {
    const us = { ...NOTHING, decidesUsCredit: true };
    expect(floorRefusal("daily_counts", 762, us)).toBe("12 CFR 1002.12(b) asks for at least 763 days: Keep records of a credit decision for 25 months after the notice of action.");
    expect(floorRefusal("daily_counts", 763, us)).toBeNull();
  });

  it("are never undercut by what is in force, whatever was asked for", () => {
    fc.assert(
      fc.property(fc.constantFrom(...RECORD_CLASSES), fc.option(fc.integer({ min: 1, max: 40_000 })), facts, (recordClass, asked, given) => {
        const found = retentionOf(recordClass, asked, given);
        for (const floor of found.floors) expect(found.effectiveDays ?? Number.POSITIVE_INFINITY).toBeGreaterThanOrEqual(floor.days);
        if (asked !== null) expect(found.isBelowFloor).toBe(floorRefusal(recordClass, asked, given) !== null);
      }),
      { seed: 3, numRuns: 300 },
    );
  });
});

describe("a legal hold", () => {
  it("covers its class and its model, and everything where it names neither", () => {
    expect(isHeld([{ recordClass: null, modelId: null }], "daily_counts", null)).toBe(true);
    expect(isHeld([{ recordClass: "hourly_counts", modelId: "m1" }], "hourly_counts", "m1")).toBe(true);
    expect(isHeld([{ recordClass: "hourly_counts", modelId: "m1" }], "hourly_counts", "m2")).toBe(false);
    expect(isHeld([{ recordClass: "hourly_counts", modelId: null }], "daily_counts", "m1")).toBe(false);
    expect(isHeld([{ recordClass: null, modelId: "m1" }], "daily_counts", null)).toBe(false);
  });
});
