import { describe, expect, it } from "vitest";
import { decisionSentence, type DecisionFacts } from "./decision-sentence.ts";
import type { DecisionDraft } from "./effect.ts";
import { judge } from "./verdict.ts";
import { demoCanaryPlan } from "./plan.ts";
import { sentence, type SentenceFacts } from "./sentence.ts";
import { createTraffic, HONEST, USUAL_TRAFFIC } from "./traffic.fixture.ts";
import { endedBy, type WaitReason } from "./wait-reason.ts";
import type { WindowCounts } from "./window.ts";
import {
  formatCount,
  formatList,
  formatMoment,
  formatRatio,
  formatSeconds,
  formatShare,
  formatWeight,
} from "./wording.ts";

const NOW = Date.UTC(2026, 10, 23, 14, 15);
const facts = (over: Partial<SentenceFacts> = {}): SentenceFacts => ({
  modelName: "fraud-scorer",
  versionName: "3.2.0",
  stableVersionName: "3.1.4",
  environmentName: "production",
  state: "HOLDING",
  weightBp: 2_500,
  stepNumber: 3,
  stepCount: 4,
  stateSinceMs: NOW - 240_000,
  nowMs: NOW,
  personName: null,
  ...over,
});

const REASONS: readonly WaitReason[] = [
  { code: "not_submitted" },
  { code: "awaiting_approval", have: 1, need: 2 },
  { code: "evidence_changed", voided: 2, have: 1, need: 2 },
  { code: "checklist_open", items: ["Model card", "Rollback drill"] },
  { code: "awaiting_start" },
  { code: "change_freeze", name: "Year end", untilMs: NOW + 3_600_000 },
  { code: "endpoint_busy", releaseId: "rel-9" },
  { code: "stable_changed", stableVersionId: "v9" },
  { code: "no_runtime" },
  { code: "loading", ready: 1, total: 3, limitMs: NOW + 60_000 },
  { code: "warming", ready: 2, total: 3, limitMs: NOW + 60_000 },
  { code: "awaiting_reference", need: 200 },
  { code: "shadowing", untilMs: NOW + 90_000 },
  { code: "awaiting_runtimes", confirmed: 1, total: 2, names: ["rt-2"] },
  { code: "minimum_dwell", untilMs: NOW + 90_000 },
  { code: "awaiting_samples", have: 120, need: 1_000, unitWord: "requests", etaSeconds: 75 },
  {
    code: "undecided",
    metric: "latencyP95",
    undecidedGuards: 1,
    ratio: 1.31,
    lower: 0.84,
    upper: 2.05,
    limitRatio: 2,
    unitWord: "requests",
    unitsStillNeeded: 1_900,
    etaSeconds: 180,
  },
  { code: "awaiting_labels" },
  { code: "limit_crossed", metric: "predictions", ratio: null, limitRatio: 1.25 },
  { code: "split_mismatch", plannedShareBp: 2_500, candidateUnits: 1_500, units: 5_000 },
  { code: "invalid_evidence", reasons: ["A runtime had more failing keys than it can remember."] },
  { code: "no_data", seconds: 31, limitSeconds: 120 },
  { code: "stable_unhealthy" },
  { code: "held_by", personId: "u1", note: "Looking at a report." },
  { code: "timed_out", limitSeconds: 86_400 },
  { code: "runtime_unreachable", names: ["rt-2", "rt-3"] },
  { code: "awaiting_gate", untilMs: NOW + 86_400_000 },
  { code: "promoting", confirmed: 1, total: 2, names: ["rt-2"] },
  { code: "baking", untilMs: NOW + 30_000 },
  { code: "rolling_back", confirmed: 0, total: 1, names: ["rt-1"] },
  { code: "ready" },
  { code: "ended" },
];

describe("the verdict sentence", () => {
  it("says what is live, where it stands, why, and what ends the wait", () => {
    const [undecided] = REASONS.filter(({ code }) => code === "undecided");
    if (undecided === undefined) throw new Error("missing");
    expect(sentence(undecided, facts())).toBe(
      "fraud-scorer 3.2.0 takes 25 % of production. Holding at step 3 of 4 for 4 min: p95 latency is undecided. " +
        "Candidate is at 1.31 times stable (band 0.84 to 2.05), limit 2. " +
        "About 1,900 more requests, 3 min at the present rate, will settle it.",
    );
  });

  it("reads well in each state", () => {
    const say = (reason: WaitReason, over: Partial<SentenceFacts>) => sentence(reason, facts(over));
    expect(
      say(
        { code: "awaiting_approval", have: 1, need: 2 },
        { state: "PENDING_APPROVAL", stepNumber: null },
      ),
    ).toBe(
      "fraud-scorer 3.2.0 is not live yet; 3.1.4 serves all of production. 1 approval is missing, 1 of 2 given.",
    );
    expect(say({ code: "minimum_dwell", untilMs: NOW + 90_000 }, { state: "STEP_ACTIVE" })).toBe(
      "fraud-scorer 3.2.0 takes 25 % of production. Step 3 of 4: minimum time at this step, 1 min 30 s left.",
    );
    expect(
      say(
        { code: "held_by", personId: "u1", note: "Looking at a report." },
        { personName: "Ines Albrecht" },
      ),
    ).toContain('Holding at step 3 of 4 for 4 min: held by Ines Albrecht. "Looking at a report."');
    expect(
      say({ code: "baking", untilMs: NOW + 30_000 }, { state: "BAKING", stepNumber: null }),
    ).toBe(
      "fraud-scorer 3.2.0 takes all of production; 3.1.4 stays loaded. Baking for another 30 s; roll back takes one message.",
    );
    expect(
      say(
        { code: "rolling_back", confirmed: 0, total: 1, names: ["rt-1"] },
        { state: "ROLLING_BACK" },
      ),
    ).toBe(
      "production goes back to fraud-scorer 3.1.4. 0 of 1 runtime has confirmed; waiting for rt-1.",
    );
  });

  it.each(REASONS.map((reason) => [reason.code, reason] as const))(
    "is plain text for %s",
    (_, reason) => {
      const text = sentence(reason, facts());
      expect(text).toMatch(/[.”"]$/);
      expect(text).not.toMatch(/undefined|null|NaN|Infinity|!|≈|→|\s\s|\.\.|_/);
      expect(endedBy(reason)).toBeTruthy();
    },
  );
});

describe("the record's sentence", () => {
  const draft = (over: Partial<DecisionDraft>): DecisionDraft => ({
    event: "fall_back",
    from: "STEP_ACTIVE",
    to: "ROLLING_BACK",
    by: { kind: "policy" },
    reason: null,
    rollbackCause: "harm",
    weightBpBefore: 1_000,
    weightBpAfter: 0,
    epoch: 5,
    restsOnVerdict: true,
    ...over,
  });
  const rows: WindowCounts[] = [];
  const traffic = createTraffic({
    ...USUAL_TRAFFIC,
    seed: 5,
    candidate: { ...HONEST, wrongRate: 0.22 },
  });
  for (let tick = 0; tick < 15; tick += 1) {
    rows.push(
      ...traffic.tick(2, {
        epoch: 2,
        candidateShareBp: 1_000,
        releaseId: "rel-1",
        thresholds: null,
      }),
    );
  }
  const verdict = judge(demoCanaryPlan(), rows, {
    releaseId: "rel-1",
    step: { index: 0, epoch: 2, seconds: 30, sinceSeconds: 30 },
    epochs: [{ epoch: 2, candidateShareBp: 1_000, seconds: 30 }],
    latencyThresholdsUs: null,
    referenceErrors: null,
    blindSeconds: null,
    gaps: [],
    invalidReasons: [],
    acceptedHolds: [],
  }).report;
  const names: DecisionFacts = {
    modelName: "tumour-triage",
    versionName: "2.0.0",
    stableVersionName: "1.0.0",
    personName: "Ines Albrecht",
    verdict,
    bake: null,
    fencedNames: [],
    rollbackMs: null,
  };

  it("of a rollback by metrics gives both rates, the proven ratio, the limit and the basis", () => {
    expect(verdict.verdict).toBe("HARM");
    expect(decisionSentence(draft({}), names)).toMatch(
      /^Rolled back by its own metrics at 10 %: wrong labels 2\d\.\d % against [23]\.\d % on 1\.0\.0 \(at least \d\.\d\d? times, limit 2\), after \d+ labelled answers of the candidate\.$/,
    );
  });

  it("of a person's rollback names the person and the reason, if there is one yet", () => {
    const byPerson = draft({
      event: "roll_back",
      rollbackCause: "person",
      reason: "Reporting deadline",
    });
    expect(decisionSentence(byPerson, names)).toBe(
      "Ines Albrecht rolled back to 1.0.0 at 10 %: Reporting deadline",
    );
    expect(decisionSentence({ ...byPerson, reason: null }, names)).toBe(
      "Ines Albrecht rolled back to 1.0.0 at 10 %.",
    );
  });

  it("of the end of a rollback gives the measured time and the runtimes given up", () => {
    const end = draft({ event: "finish_rollback", from: "ROLLING_BACK", to: "ROLLED_BACK" });
    expect(decisionSentence(end, { ...names, rollbackMs: 412 })).toBe("Back on 1.0.0 in 0.41 s.");
    expect(decisionSentence(end, { ...names, fencedNames: ["rt-2"] })).toBe(
      "Back on 1.0.0. rt-2 never answered and serves stable by the dead-man rule.",
    );
  });

  it("of an advance says whether safety was proven or only no harm seen", () => {
    const advance = draft({
      event: "enter_step",
      to: "STEP_ACTIVE",
      rollbackCause: null,
      weightBpAfter: 2_500,
    });
    expect(decisionSentence(advance, names)).toMatch(
      /^Advanced from 10 % to 25 %: nothing past its limit, \d guards undecided, after \d+ keys at this step\.$/,
    );
    expect(decisionSentence({ ...advance, weightBpBefore: 0 }, names)).toBe(
      "Step 1 began: 25 % to 2.0.0.",
    );
    expect(decisionSentence(advance, { ...names, verdict: { ...verdict, guards: [] } })).toContain(
      "every guard proven",
    );
  });

  it("is one for every event", () => {
    for (const event of [
      "submit",
      "approve",
      "start",
      "hold",
      "promote_now",
      "suspend",
      "bake",
      "complete",
      "abort",
    ] as const) {
      const text = decisionSentence(
        draft({ event, to: event === "abort" ? "ABORTED" : "HOLDING" }),
        names,
      );
      expect(text).toMatch(/^[A-Z0-9].*[.]$/);
      expect(text).not.toMatch(/undefined|null|NaN|!/);
    }
  });
});

describe("numbers", () => {
  it("carry their units, groups and a real minus sign", () => {
    expect([
      formatCount(1_234_567),
      formatCount(-12),
      formatWeight(1_000),
      formatWeight(250),
      formatWeight(5),
    ]).toEqual(["1,234,567", "\u221212", "10 %", "2.5 %", "0.05 %"]);
    expect([formatShare(0.2138), formatShare(0.0014), formatShare(0), formatShare(-0.02)]).toEqual([
      "21.4 %",
      "0.14 %",
      "0.0 %",
      "\u22122.0 %",
    ]);
    expect([formatRatio(2), formatRatio(0.8412), formatRatio(12.43), formatRatio(140.2)]).toEqual([
      "2",
      "0.84",
      "12.4",
      "140",
    ]);
    expect([0, 45, 210, 7_500, 273_600, 86_400].map(formatSeconds)).toEqual([
      "0 s",
      "45 s",
      "3 min 30 s",
      "2 h 5 min",
      "3 d 4 h",
      "1 d",
    ]);
    expect(formatMoment(NOW)).toBe("2026-11-23 14:15 UTC");
    expect([
      formatList([]),
      formatList(["a"]),
      formatList(["a", "b", "c"]),
      formatList(["a", "b", "c", "d", "e", "f"]),
    ]).toEqual(["none", "a", "a, b and c", "a, b, c, d and 2 more"]);
  });
});
