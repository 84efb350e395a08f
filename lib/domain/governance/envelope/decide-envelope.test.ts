import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { decideEnvelope, DRILL_BOUND, inputChange } from "./decide-envelope.ts";
import type { ChangeEnvelope, EnvelopeInput, EnvelopeVersion } from "./types.ts";

const NOW = Date.UTC(2026, 10, 29);
const DAY = 86_400_000;

const input = (field: string, over: Partial<EnvelopeInput> = {}): EnvelopeInput => ({ field, type: "float32", required: true, min: 0, max: 10, ...over });

const LIVE: EnvelopeVersion = {
  digest: "sha256:live",
  format: "onnx",
  architectureDigest: "sha256:trees",
  inputs: [input("radius"), input("texture")],
  outputsDigest: "sha256:outputs",
  intendedUse: "Orders the reading list.",
  metrics: { "recall:malignant": { value: 0.93, low: 0.88, high: 0.97 }, areaUnderRoc: { value: 0.98, low: 0.96, high: 1 } },
  testRows: 257,
  testSet: "holdout",
};
const RETRAINED: EnvelopeVersion = { ...LIVE, digest: "sha256:next", metrics: { "recall:malignant": { value: 0.95, low: 0.91, high: 0.98 }, areaUnderRoc: { value: 0.985, low: 0.97, high: 1 } } };

const PLAN: ChangeEnvelope = {
  regimes: ["FDA_PCCP", "EU_ART_43_4"],
  authorisationRef: "K260001",
  planVersion: "1.0",
  status: "authorised",
  intendedUse: LIVE.intendedUse,
  deviceIdentifiers: ["00860000000001"],
  modifications: [
    { id: "M1", description: "Retrain on more data", implementation: "manual", minDaysBetween: 30, allowed: { artifact: true, architecture: "fixed", inputs: "none", outputs: "fixed" } },
    { id: "M2", description: "Wider measuring range", implementation: "manual", minDaysBetween: 0, allowed: { artifact: true, architecture: "fixed", inputs: "widen_range", outputs: "fixed" } },
  ],
  minTestRows: 200,
  criteria: [
    { metric: "recall:malignant", op: ">=", value: 0.9, baselineMinus: null, bound: "worse_end" },
    { metric: "areaUnderRoc", op: ">=", value: null, baselineMinus: 0.02, bound: "value" },
  ],
  maxTestSetUses: 3,
  drillMaxAgeDays: 90,
};
const FRESH = { lastUsedMs: {}, testSetUses: 0, drilledAtMs: NOW - DAY };
const decide = (after: EnvelopeVersion, over: Partial<ChangeEnvelope> = {}, history = FRESH as Parameters<typeof decideEnvelope>[3]) => decideEnvelope({ ...PLAN, ...over }, LIVE, after, history, NOW);

test("a retraining that keeps every bound proceeds, and says under which modification", () => {
  expect(decide(RETRAINED)).toMatchObject({ verdict: "within", coveredBy: ["M1"], stoppedBy: null });
});

test("the same version again is no change", () => {
  expect(decide(LIVE).verdict).toBe("unchanged");
});

describe("it is stopped, with the bound that stopped it, when", () => {
  const cases: readonly (readonly [string, EnvelopeVersion, Partial<ChangeEnvelope>, Parameters<typeof decideEnvelope>[3], string])[] = [
    ["the architecture is another one", { ...RETRAINED, architectureDigest: "sha256:linear" }, {}, FRESH, "architecture differs"],
    ["the format changes", { ...RETRAINED, format: "pmml" }, {}, FRESH, "format changes from onnx to pmml"],
    ["an output is new", { ...RETRAINED, outputsDigest: "sha256:more" }, {}, FRESH, "outputs differ"],
    ["a field narrows", { ...RETRAINED, inputs: [input("radius", { max: 5 }), input("texture")] }, {}, FRESH, "input contract differs"],
    ["a field is new", { ...RETRAINED, inputs: [...LIVE.inputs, input("age", { required: false })] }, {}, FRESH, "input contract differs"],
    ["the intended use differs", { ...RETRAINED, intendedUse: "Reports findings." }, {}, FRESH, "intended use"],
    ["a metric's worse end is past its bound", { ...RETRAINED, metrics: { ...RETRAINED.metrics, "recall:malignant": { value: 0.95, low: 0.89, high: 0.98 } } }, {}, FRESH, "worse end of recall:malignant is 0.89"],
    ["a metric falls too far below what is live", { ...RETRAINED, metrics: { ...RETRAINED.metrics, areaUnderRoc: { value: 0.95, low: 0.9, high: 1 } } }, {}, FRESH, "at least 0.96"],
    ["a metric was not measured", { ...RETRAINED, metrics: {} }, {}, FRESH, "was not measured"],
    ["there are too few test rows", { ...RETRAINED, testRows: 100 }, {}, FRESH, "100 test rows"],
    ["the modification was used too lately", RETRAINED, {}, { ...FRESH, lastUsedMs: { M1: NOW - 10 * DAY } }, "used 10 days ago"],
    ["the test set was used too often", RETRAINED, {}, { ...FRESH, testSetUses: 3 }, "used 3 times"],
    ["the way back was never rehearsed", RETRAINED, {}, { ...FRESH, drilledAtMs: null }, "No rollback drill of this version has passed; the plan asks for one of the last 90 days"],
    ["the rehearsal is too old", RETRAINED, {}, { ...FRESH, drilledAtMs: NOW - 91 * DAY }, "drill is 91 days old; the plan asks for one of the last 90 days"],
    ["the plan is a draft", RETRAINED, { status: "draft" }, FRESH, "is draft"],
    ["the plan was withdrawn", RETRAINED, { status: "withdrawn" }, FRESH, "is withdrawn"],
  ];
  test.each(cases)("%s", (_name, after, over, history, words) => {
    const found = decide(after, over, history);
    expect(found.verdict).toBe("outside");
    expect(found.stoppedBy).toContain(words);
  });
});

test("a drill holds to the last millisecond of its days, and none is asked for where the plan says so", () => {
  expect(decide(RETRAINED, {}, { ...FRESH, drilledAtMs: NOW - 90 * DAY }).verdict).toBe("within");
  expect(decide(RETRAINED, {}, { ...FRESH, drilledAtMs: NOW - 90 * DAY - 1 })).toMatchObject({ verdict: "outside", bounds: expect.arrayContaining([expect.objectContaining({ name: DRILL_BOUND, held: false })]) });
  expect(decide(RETRAINED, { drillMaxAgeDays: null }, { ...FRESH, drilledAtMs: null }).verdict).toBe("within");
});

test("a wider range is covered by the modification that allows it", () => {
  expect(decide({ ...RETRAINED, inputs: [input("radius", { max: 20 }), input("texture")] })).toMatchObject({ verdict: "within", coveredBy: ["M1", "M2"] });
});

test("the class of an input change is none exactly when nothing differs", () => {
  const fields = fc.uniqueArray(fc.record({ field: fc.constantFrom("a", "b", "c"), type: fc.constantFrom("float32", "int64"), required: fc.boolean(), min: fc.option(fc.integer({ min: -5, max: 0 })), max: fc.option(fc.integer({ min: 1, max: 5 })) }), { selector: ({ field }) => field });
  fc.assert(
    fc.property(fields, fields, (before, after) => {
      const sorted = (list: readonly EnvelopeInput[]) => [...list].sort((a, b) => (a.field < b.field ? -1 : 1));
      const same = JSON.stringify(sorted(before)) === JSON.stringify(sorted(after));
      expect(inputChange(before, after) === "none").toBe(same);
    }),
    { seed: 7 },
  );
});
