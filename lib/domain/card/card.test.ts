import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { contradictionsIn } from "./contradictions.ts";
import type { CardFactGroup } from "./facts.ts";
import { publishingRefusals, standingSignatures } from "./publishing.ts";
import { completenessOf, CARD_SECTIONS, SECTION_NAMES, sectionOfHeading, type Sections } from "./sections.ts";

const metric = (name: string, number: number) => ({
  key: `metric:${name}`, label: name, value: String(number), number, low: null, high: null, unit: null, evidenceId: "e1", source: "evaluation",
});
const performance = (...facts: ReturnType<typeof metric>[]): CardFactGroup[] => [{ name: "performance", isLive: false, facts }];
const written = (text: string, personId = "p1"): Sections => ({ limitations: { text, by: "A", personId, at: "2026-01-01T00:00:00Z", origin: "typed" } });
const found = (text: string, ...facts: ReturnType<typeof metric>[]) => contradictionsIn(written(text), [], performance(...facts)).map(({ written: figure }) => figure);

describe("a figure in the text", () => {
  const accuracy = metric("accuracy", 0.966);
  it.each([
    ["Accuracy is 0.97 on held-out rows.", []],
    ["Accuracy is 96.6 %.", []],
    ["An accuracy of 97 percent.", []],
    ["Accuracy 0.98.", ["0.98"]],
    ["It reaches accuracy of 98 %.", ["98 %"]],
    ["Accuracy: 0.9660", []],
    ["Accuracy: 0.9661", ["0.9661"]],
    ["Accuracy was measured on 3000 rows.", []],
    ["Balanced accuracy is 0.5.", []],
    ["The previous accuracy was 0.91.", []],
    ["Nothing is said of it.", []],
  ])("%s", (text, expected) => {
    expect(found(text, accuracy)).toEqual(expected);
  });
  it("is found under the measure's spelled-out name and in a table", () => {
    expect(found("Area under ROC is 0.95.", metric("areaUnderRoc", 0.98939))).toEqual(["0.95"]);
    expect(found("areaUnderRoc | 0.9894", metric("areaUnderRoc", 0.98939))).toEqual([]);
    expect(found("| recall:defaulted | 0.70 |", metric("recall:defaulted", 0.818414))).toEqual(["0.70"]);
  });
  it("never blocks a figure that is the evidence rounded to any number of digits", () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 1, noNaN: true }), fc.integer({ min: 1, max: 9 }), (value, digits) => {
        expect(found(`Accuracy is ${value.toFixed(digits)}.`, metric("accuracy", value))).toEqual([]);
        expect(found(`Accuracy is ${(value * 100).toFixed(digits)} %.`, metric("accuracy", value))).toEqual([]);
        const off = (value > 0.5 ? value - 0.1 : value + 0.1).toFixed(4);
        expect(found(`Accuracy is ${off}.`, metric("accuracy", value))).toEqual([off]);
      }),
      { seed: 11, numRuns: 300 },
    );
  });
  it("is compared in imported claims too, but not in those about a slice", () => {
    const claims = [
      { metric: "Accuracy", value: 0.5, slice: null, source: "card" },
      { metric: "accuracy", value: 0.4, slice: "age 18 to 39", source: "card" },
      { metric: "accuracy", value: 0.966, slice: null, source: "card" },
    ];
    expect(contradictionsIn({}, claims, performance(accuracy)).map(({ written: figure }) => figure)).toEqual(["0.5"]);
  });
});

describe("completeness and signatures", () => {
  it("asks more of risk tier high", () => {
    expect(completenessOf({}, "high").required).toBeGreaterThan(completenessOf({}, "low").required);
    expect(completenessOf(written("x"), "low").missing).not.toContain("limitations");
  });
  it("counts no signature of an author, of another digest, void, or given twice", () => {
    const signature = (personId: string, digest = "d", isVoid = false) => ({ personId, digest, isVoid });
    const all = [signature("p1"), signature("p2"), signature("p2"), signature("p3", "other"), signature("p4", "d", true), signature("p5"), signature("author")];
    expect(standingSignatures(all, "d", written("x"), "author").map(({ personId }) => personId)).toEqual(["p2", "p5"]);
    const refusals = publishingRefusals({ completeness: completenessOf({}, "low"), contradictions: [], standing: 0, needed: 1 });
    expect(refusals).toHaveLength(completenessOf({}, "low").required + 1);
  });
  it("knows each section by its title, and no alias twice", () => {
    for (const name of SECTION_NAMES) expect(sectionOfHeading(` ${CARD_SECTIONS[name].title}.`)).toBe(name);
    const aliases = SECTION_NAMES.flatMap((name) => [...CARD_SECTIONS[name].aliases]);
    expect(new Set(aliases).size).toBe(aliases.length);
    expect(sectionOfHeading("Acknowledgements")).toBeNull();
  });
});
