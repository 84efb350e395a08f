import type { ReleaseView } from "#lib/contracts/views/release-view.ts";
import type { ActionAvailability } from "#lib/contracts/views/view-parts.ts";
import { STRATEGY_WORDS } from "#lib/domain/release/strategy-words.ts";
import { guards, iso, START } from "./guard-view.fixture.ts";

/** Made-up releases for the development gallery and component tests. Never imported by product code. */

const hex = (seed: string) => `sha256:${seed.repeat(64).slice(0, 64)}`;

export const open = (severity: ActionAvailability["severity"]): ActionAvailability => ({
  open: true,
  closedBecause: null,
  severity,
});
export const shut = (closedBecause: string): ActionAvailability => ({
  open: false,
  closedBecause,
  severity: "mild",
});
export const person = (name: string, role: string) => ({ kind: "person" as const, name, role });
const policy = { kind: "policy" as const, name: "Release policy", role: null };

const digest = hex("9f2c41d07be3");

export const canaryPart: ReleaseView["byStrategy"] = {
  name: "canary",
  ...STRATEGY_WORDS.canary,
  isMirroring: false,
  mirroring: null,
  preview: null,
  paired: null,
  outcome: null,
  triggers: [],
  drill: null,
  scheduledAt: null,
  freeze: null,
};

/** Holding at 25 % because p95 latency is undecided. */
export const holdingRelease: ReleaseView = {
  asOf: iso(START + 1_800_000),
  releaseId: "01936f00-0000-7000-8000-000000000142",
  number: 142,
  rowVersion: 31,
  demo: true,
  endpointName: "tumour-triage",
  environmentName: "production",
  riskTier: "high",
  strategy: "canary",
  candidate: {
    versionId: "v2",
    modelName: "tumour-triage",
    versionName: "3.2.0",
    digest: hex("c27d90e4"),
  },
  stable: {
    versionId: "v1",
    modelName: "tumour-triage",
    versionName: "3.1.4",
    digest: hex("4be1a7f2"),
  },
  state: "HOLDING",
  holdReason: "UNDECIDED",
  stateSince: iso(START + 1_560_000),
  stepIndex: 2,
  weightBp: 2500,
  author: person("Priya Nair", "Engineer"),
  createdAt: iso(START - 9_600_000),
  startedAt: iso(START),
  endedAt: null,
  open: true,
  sentence:
    "tumour-triage 3.2.0 takes 25 % of production. Holding at step 3 of 4 for 4 min: p95 latency is undecided. Candidate is at 1.62 times stable (band 1.21 to 2.19), limit 2. About 2,100 more keys, 3 min 30 s at the present rate, will settle it.",
  wait: {
    code: "undecided",
    endedBy: "traffic",
    endsAt: iso(START + 2_010_000),
    nextCheckAt: iso(START + 1_802_000),
  },
  planDigest: hex("77aa01bc"),
  policyName: "production policy",
  steps: [
    step(0, 500, "done", 480, 0, 480, 1_019, "no-harm"),
    step(1, 1_000, "done", 480, 480, 960, 2_142, "no-harm"),
    step(2, 2_500, "now", 600, 960, null, 9_084, "safe"),
    step(3, 5_000, "next", 600, null, null, 0, "safe"),
  ],
  bake: { seconds: 86_400, startedAt: null, endsAt: null, endedAt: null, guards: [] },
  evidenceSince: iso(START),
  howItDecides: [
    "Each guard compares the candidate with stable in the same windows, as the ratio of first bad events per key. A ratio of 1 means equal.",
    "The band holds every ratio that the evidence so far does not exclude. A guard is past its limit when the whole band is, and within when the whole band is inside or the rate is proven below the ceiling.",
    "Over the whole release a false rollback happens in at most 1 of 100 releases of an equal candidate, however often it looks.",
  ],
  byStrategy: canaryPart,
  plan: {},
  dependents: [],
  planDifferences: [],
  decided: null,
  guards: [...guards],
  predictions: {
    action: "hold",
    word: "UNDECIDED",
    limits: { upper: 1.25, lower: 0.8 },
    classes: [
      {
        name: "benign",
        stable: 38_410,
        candidate: 7_102,
        stableShare: 0.63,
        candidateShare: 0.623,
        ratio: 0.989,
      },
      {
        name: "malignant",
        stable: 22_590,
        candidate: 4_298,
        stableShare: 0.37,
        candidateShare: 0.377,
        ratio: 1.019,
      },
    ],
    summary: "The largest shift is malignant, 1.02 times stable.",
  },
  traffic: {
    plannedBp: 2500,
    observedBp: 2499,
    candidateRequests: 9_084,
    totalRequests: 36_351,
    requestsPerSecond: 43,
    mismatch: false,
  },
  approvals: {
    required: 2,
    given: 2,
    rolesNeeded: [],
    independence: null,
    boundDigest: digest,
    meanings: [
      { code: "evidence_reviewed", text: "I reviewed the evidence and it supports this release." },
      {
        code: "residual_risk_accepted",
        text: "I reviewed the evidence and accept the residual risk.",
      },
      { code: "fit_for_use", text: "The version is fit for its stated use." },
    ],
    expiresAt: null,
    rows: [
      {
        approvalId: "a1",
        by: person("Ines Albrecht", "ML lead"),
        decision: "approved",
        meaning: "Evidence reviewed, residual risk accepted.",
        reason:
          "Sensitivity up 1.8 points in validation; latency is the open question, limit tightened.",
        digest,
        signedAt: iso(START - 156_000),
        voidedAt: null,
        method: "password",
        onBehalfOf: null,
        isIndependent: true,
        voidReason: null,
      },
      {
        approvalId: "a2",
        by: person("Maren Okafor", "Validator"),
        decision: "approved",
        meaning: "Fit for the stated use.",
        reason: "Drill of 20 Nov seen; worklist for missed findings staffed until Friday.",
        digest,
        signedAt: iso(START - 9_553_000),
        voidedAt: null,
        method: "password",
        onBehalfOf: null,
        isIndependent: true,
        voidReason: null,
      },
      {
        approvalId: "a3",
        by: person("Daniel Roth", "ML lead"),
        decision: "approved",
        meaning: "Evidence reviewed, residual risk accepted.",
        reason: "Looks right.",
        digest: hex("aa"),
        signedAt: iso(START - 250_000_000),
        voidedAt: iso(START - 240_000_000),
        method: "password",
        onBehalfOf: null,
        isIndependent: true,
        voidReason: "p95 limit changed from 3 to 2 times stable after signing.",
      },
    ],
  },
  checklist: {
    met: 20,
    total: 21,
    phases: [
      phase("Before release", 5, 5, "Artifact, lock, evaluation and input contract verified"),
      phase("Infrastructure", 5, 5, "Load profile at 2.0 times planned rate, 14 Nov"),
      phase("Release", 3, 3, "Rollback drill in staging 20 Nov: 1.31 s"),
      phase("Monitoring", 4, 5, "Open: drift baseline is frozen at promotion"),
      phase("Governance", 3, 3, "Card signed, obligations reviewed"),
    ],
  },
  changes: {
    rows: [
      {
        part: "Artifact",
        stable: hex("4be1a7f2"),
        candidate: hex("c27d90e4"),
        form: "digest",
        same: false,
      },
      { part: "Size", stable: "48.2 kB", candidate: "51.7 kB", form: "text", same: false },
      {
        part: "Format",
        stable: "ONNX, opset 17",
        candidate: "ONNX, opset 18",
        form: "text",
        same: false,
      },
      {
        part: "Inputs",
        stable: "input FP64 [N, 30]",
        candidate: "input FP64 [N, 30]",
        form: "text",
        same: true,
      },
    ],
    contract: {
      summary: "Input contract, 2 of 31 fields differ",
      lines: [
        { kind: "hunk", text: "2 of 31 fields shown" },
        { kind: "removed", text: "mean_radius  FP64  0.5 to 30  null: reject" },
        { kind: "added", text: "mean_radius  FP64  0.5 to 40  null: reject" },
        { kind: "same", text: "mean_texture  FP64  5 to 45  null: reject" },
      ],
      note: "Callers that follow the 3.1.4 contract need no change.",
    },
  },
  log: {
    entries: [
      {
        seq: 18_461,
        at: iso(START + 1_560_000),
        actor: policy,
        text: "Held at 25 %: undecided: p95 latency.",
        flag: 4,
      },
      {
        seq: null,
        at: iso(START + 1_283_000),
        actor: { kind: "runtime", name: "rt-4", role: null },
        text: "Back after 21 s; digest and golden predictions equal.",
        flag: 3,
      },
      {
        seq: 18_455,
        at: iso(START + 960_000),
        actor: policy,
        text: "Advanced from 10 % to 25 %: nothing past its limit, 3 guards undecided, after 2,142 keys at this step.",
        flag: 2,
      },
      {
        seq: 18_452,
        at: iso(START + 480_000),
        actor: policy,
        text: "Advanced from 5 % to 10 %: nothing past its limit, 3 guards undecided, after 1,019 keys at this step.",
        flag: 1,
      },
      {
        seq: 18_449,
        at: iso(START),
        actor: policy,
        text: "Step 1 began: 5 % to 3.2.0.",
        flag: null,
      },
      {
        seq: 18_446,
        at: iso(START - 156_000),
        actor: person("Ines Albrecht", "ML lead"),
        text: "Approved: latency is the open question, limit tightened.",
        flag: null,
      },
    ],
    total: 9,
    chain: { state: "intact", upToSeq: 18_461, checkedAt: iso(START + 1_788_000) },
  },
  actions: {
    submit: shut("Not possible while the release is holding."),
    start: shut("Not possible while the release is holding."),
    approve: shut("Not possible while the release is holding."),
    reject: shut("Not possible while the release is holding."),
    hold: open("moderate"),
    resume: shut("This hold ends by itself when its cause does."),
    promote: open("moderate"),
    passGate: shut("Not possible while the release is holding."),
    rollback: open("moderate"),
    cancel: shut("Not possible while the release is holding."),
    deprecate: shut("Not possible while the release is holding."),
    changePlan: shut("Not possible while the release is holding."),
    completeReason: shut("No reason is owed."),
  },
  rollback: {
    toVersionName: "3.1.4",
    lastMeasuredMs: 1_310,
    p95Ms: 1_900,
    measurements: 6,
    notUndone: ["12,245 requests were already answered by 3.2.0; their answers stand."],
  },
  stopwatch: null,
};

function step(
  index: number,
  weightBp: number,
  phaseName: "done" | "now" | "next",
  dwellSeconds: number,
  from: number | null,
  to: number | null,
  units: number,
  advance: "no-harm" | "safe",
): ReleaseView["steps"][number] {
  return {
    index,
    weightBp,
    phase: phaseName,
    advance,
    dwellSeconds,
    minUnits: [1_000, 2_000, 5_000, 5_000][index] ?? 0,
    ruleText:
      advance === "no-harm"
        ? "Goes on while nothing is past its limit"
        : "Goes on when every guard is within its limit",
    startedAt: from === null ? null : iso(START + from * 1000),
    endedAt: to === null ? null : iso(START + to * 1000),
    candidateUnits: units,
    snapshot:
      phaseName !== "done"
        ? null
        : {
            decisionId: `d${String(index)}`,
            at: iso(START + (to ?? 0) * 1000),
            candidateUnits: units,
            guardsWithin: 1,
            guardsPast: 0,
            guardsUndecided: 3,
            advancedBecause: "Advanced by plan: nothing past its limit",
            advancedBy: policy,
            countsSha256: hex("ab12"),
            guards: guards.map((one) => ({
              name: one.name,
              word: one.word === "SAFE" ? "SAFE" : "UNDECIDED",
              text: `ratio ${one.metric === "error" ? "0.71" : "1.20"}, band 0.61 to 3.90`,
            })),
          },
  };
}

function phase(
  name: string,
  met: number,
  total: number,
  note: string,
): ReleaseView["checklist"]["phases"][number] {
  return {
    phase: name,
    met,
    total,
    note,
    items: Array.from({ length: total }, (_, index) => ({
      code: `${name} ${String(index)}`,
      title: `Item ${String(index + 1)} of ${name.toLowerCase()}`,
      state: index < met ? ("met" as const) : ("open" as const),
      note: index < met ? "Evidence of 14 Nov." : "Nothing recorded yet.",
      evidenceIds: [],
    })),
  };
}
