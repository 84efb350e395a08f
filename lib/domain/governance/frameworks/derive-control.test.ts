import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { NEWEST_CATALOGUE } from "../catalogue/catalogues.ts";
import { ALL_SUBJECTS, goodFact, NOW_MS } from "../evidence/good-details.fixture.ts";
import { getKind, KINDS } from "../evidence/kinds.ts";
import type { Fact } from "../evidence/standing.ts";
import { answersArbitrary, FACTS, factsArbitrary, PLAIN } from "./answers.fixture.ts";
import type { SystemProfile } from "./applicability.ts";
import { countControls, deriveControl, gapsOf, type ControlDecision, type ControlGround } from "./derive-control.ts";
import { classify, type Answers, type SystemFacts } from "./profile.ts";

const { controls } = NEWEST_CATALOGUE;
const ALL_FACTS: readonly Fact[] = KINDS.map((kind) => goodFact(kind));
const profileOf = (answers: Answers, facts: SystemFacts = FACTS, nowMs = NOW_MS): SystemProfile => ({ answers, facts, classification: classify(answers, facts, nowMs) });
const ground = (profile: SystemProfile, over: Partial<ControlGround> = {}): ControlGround => ({ profile, facts: ALL_FACTS, subjects: ALL_SUBJECTS, decisions: [], nowMs: NOW_MS, ...over });
const control = (id: string) => controls.find((one) => one.id === id)!;
const profiles = fc.tuple(answersArbitrary, factsArbitrary).map(([answers, facts]) => profileOf(answers, facts));
const CREDIT = profileOf({ ...PLAIN, annexIii: ["5b"], bank: true, policiesCiteSr117: true, decidesUsCredit: true });

describe("for any system", () => {
  test("every control has exactly one state, a sentence, and the counts add up", () => {
    fc.assert(
      fc.property(profiles, fc.subarray([...ALL_FACTS]), (profile, facts) => {
        const derived = controls.map((one) => deriveControl(one, ground(profile, { facts })));
        const counts = countControls(derived);
        expect(counts.met + counts.stale + counts.failed + counts.missing + counts.waived).toBe(counts.applicable);
        expect(counts.applicable + counts.upcoming + counts.not_applicable).toBe(controls.length);
        for (const { note, state, control: one } of derived) expect(note, `${one.id} ${state}`).not.toBe("");
      }),
      { numRuns: 40, seed: 7 },
    );
  });

  test("a control is met only with all of its evidence; taking any piece away opens it", () => {
    fc.assert(
      fc.property(profiles, fc.constantFrom(...controls), fc.nat(), (profile, one, pick) => {
        const whole = deriveControl(one, ground(profile));
        const taken = one.evidence[pick % one.evidence.length];
        const without = deriveControl(one, ground(profile, { facts: ALL_FACTS.filter(({ kind }) => kind !== taken) }));
        if (whole.state === "met") expect(without).toMatchObject({ state: "missing" });
        else expect(without.state).toBe(whole.state);
      }),
      { numRuns: 300, seed: 7 },
    );
  });

  test("time alone turns met into stale, never into failed, and never closes anything", () => {
    fc.assert(
      fc.property(profiles, fc.constantFrom(...controls), fc.integer({ min: 0, max: 800 }), (profile, one, days) => {
        const later = deriveControl(one, ground(profile, { nowMs: NOW_MS + days * 86_400_000 }));
        const now = deriveControl(one, ground(profile));
        if (now.state === "met") expect(["met", "stale"]).toContain(later.state);
        if (now.state === "upcoming") expect(["upcoming", "met", "stale"]).toContain(later.state);
        if (now.state === "not_applicable") expect(later.state).toBe("not_applicable");
      }),
      { numRuns: 300, seed: 7 },
    );
  });

  test("only a signed decision waives, and only until its end", () => {
    fc.assert(
      fc.property(profiles, fc.constantFrom(...controls), (profile, one) => {
        const decision: ControlDecision = { id: "d", controlId: one.id, decision: "waived", reason: "Planned.", signedName: "Ruth Keller", signedAtMs: NOW_MS - 1, untilMs: NOW_MS + 1000 };
        const bare = deriveControl(one, ground(profile, { facts: [] }));
        const waived = deriveControl(one, ground(profile, { facts: [], decisions: [decision] }));
        expect(bare.state).not.toBe("waived");
        expect(waived.state).toBe(bare.state === "missing" ? "waived" : bare.state);
        expect(deriveControl(one, ground(profile, { facts: [], decisions: [decision], nowMs: NOW_MS + 1000 })).state).toBe(bare.state);
      }),
      { numRuns: 300, seed: 7 },
    );
  });

  test("what is gaps is what is open, and upcoming holds nothing open", () => {
    fc.assert(
      fc.property(profiles, fc.subarray([...ALL_FACTS]), (profile, facts) => {
        const derived = controls.map((one) => deriveControl(one, ground(profile, { facts })));
        const open = new Set(derived.filter(({ state }) => state === "failed" || state === "stale" || state === "missing").map((one) => one.control.id));
        const gaps = gapsOf(derived);
        expect(new Set(gaps.flatMap((gap) => gap.controls.map((one) => one.control.id)))).toEqual(open);
        expect(new Set(gaps.map(({ standing }) => standing.kind)).size).toBe(gaps.length);
      }),
      { numRuns: 40, seed: 7 },
    );
  });
});

describe("a credit model in the EU and the US", () => {
  test("is high-risk by Annex III 5(b): its duties are upcoming with a countdown to 2 December 2027", () => {
    expect(CREDIT.classification).toMatchObject({ actClass: "high_risk", routes: ["annex_iii"] });
    expect(deriveControl(control("eu-ai-act/art-27-1"), ground(CREDIT, { facts: [] }))).toMatchObject({ state: "upcoming", bindsFrom: "2027-12-02", daysUntil: 368 });
    expect(deriveControl(control("eu-ai-act/art-27-1"), ground(CREDIT, { facts: [], nowMs: Date.UTC(2027, 11, 2) }))).toMatchObject({ state: "missing", daysUntil: null });
  });

  test("is bound by AI literacy now, by SR 26-2 and by Regulation B, not by device rules", () => {
    const state = (id: string) => deriveControl(control(id), ground(CREDIT, { facts: [] })).state;
    expect(state("eu-ai-act/art-4")).toBe("missing");
    expect(state("sr-26-2/v-monitoring")).toBe("missing");
    expect(state("sr-11-7/v-independence")).toBe("missing");
    expect(state("reg-b/1002-9-b-2")).toBe("missing");
    expect(state("fda-pccp/cyber-524b")).toBe("not_applicable");
    expect(state("nist-ai-rmf/govern-1.1")).toBe("missing");
  });

  test("a signed override makes a control not apply, with its reason, and the opposite too", () => {
    const decide = (controlId: string, decision: ControlDecision["decision"]): ControlDecision => ({ id: "d", controlId, decision, reason: "Used for internal limits only.", signedName: "Ruth Keller", signedAtMs: NOW_MS - 1, untilMs: NOW_MS + 1000 });
    const off = deriveControl(control("sr-26-2/vii-vendor"), ground(CREDIT, { decisions: [decide("sr-26-2/vii-vendor", "not_applicable")] }));
    expect(off).toMatchObject({ state: "not_applicable" });
    expect(off.note).toContain("Used for internal limits only.");
    expect(deriveControl(control("fda-pccp/cyber-524b"), ground(CREDIT, { facts: [], decisions: [decide("fda-pccp/cyber-524b", "applicable")] })).state).toBe("missing");
  });
});

test("a device of Annex I is bound from 2 August 2028, a draft never binds", () => {
  const device = profileOf({ ...PLAIN, annexI: "third_party_assessed", device: "device_with_change_plan" }, { ...FACTS, sector: "healthcare" });
  expect(deriveControl(control("eu-ai-act/art-9-1"), ground(device, { facts: [] }))).toMatchObject({ state: "upcoming", bindsFrom: "2028-08-02" });
  expect(deriveControl(control("eu-ai-act/art-86"), ground(device)).state).toBe("not_applicable");
  const draft = controls.find(({ status }) => status === "draft")!;
  expect(deriveControl(draft, ground(device, { facts: [] }))).toMatchObject({ state: "upcoming" });
});

describe("the classifier", () => {
  const table: readonly (readonly [string, Partial<Answers>, Partial<SystemFacts>, string])[] = [
    ["outside the EU", { annexIii: ["5b"] }, { jurisdictions: ["US"] }, "outside"],
    ["research only", { annexIii: ["5b"], outOfScope: "research_only" }, {}, "outside"],
    ["a banned practice, even with an Annex III use", { annexIii: ["1c"], prohibited: ["f"] }, {}, "prohibited"],
    ["a ban that begins on 2 December 2026, three days before", { prohibited: ["ba"] }, {}, "minimal"],
    ["an Annex I product with third-party assessment", { annexI: "third_party_assessed" }, {}, "high_risk"],
    ["an Annex I product that only assists", { annexI: "assists_only" }, {}, "minimal"],
    ["credit scoring", { annexIii: ["5b"] }, {}, "high_risk"],
    ["credit scoring with a claimed exit", { annexIii: ["5b"], exemption: "preparatory" }, {}, "exempted"],
    ["profiling, which has no exit", { annexIii: ["5b"], exemption: "preparatory", profilesPersons: true }, {}, "high_risk"],
    ["a chat assistant", { transparency: ["interacts"] }, {}, "transparency"],
    ["reading digits", {}, {}, "minimal"],
  ];
  test.each(table)("%s", (_name, answers, facts, expected) => {
    const found = classify({ ...PLAIN, ...answers }, { ...FACTS, ...facts }, NOW_MS);
    expect(found.actClass).toBe(expected);
    if (expected !== "high_risk" || found.because.length === 0) expect(found.because.length).toBeGreaterThan(0);
  });

  test("the later bans forbid from their day on, and transparency stacks on top of any class", () => {
    expect(classify({ ...PLAIN, prohibited: ["ba"] }, FACTS, Date.UTC(2026, 11, 2)).actClass).toBe("prohibited");
    expect(classify({ ...PLAIN, annexIii: ["5b"], transparency: ["interacts"] }, FACTS, NOW_MS)).toMatchObject({ actClass: "high_risk", transparency: ["interacts"] });
  });
});

test("every kind that a control asks for is known", () => {
  for (const one of controls) for (const kind of one.evidence) expect(getKind(kind).label).not.toBe("");
});
