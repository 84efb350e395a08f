import type { GuardReport } from "./guard-report.ts";
import type { OutcomeReport } from "./outcome-report.ts";
import type { PairedReport } from "./paired-report.ts";
import type { VerdictReport } from "./verdict.ts";

export const VERDICT_KINDS = [
  "SAFE",
  "INSUFFICIENT",
  "FEW_UNITS",
  "HARM",
  "HARM_HOLD",
  "BLIND",
  "BLIND_LONG",
  "INVALID",
] as const;
export type VerdictKind = (typeof VERDICT_KINDS)[number];

/** A guard that has seen something and is not sure. */
export const UNDECIDED_GUARD: GuardReport = {
  metric: "latencyP95",
  action: "roll_back",
  provesSafe: true,
  limitRatio: 2,
  absoluteCeiling: null,
  stable: { bad: 90, of: 1_800, rate: 0.05, firstBad: 85, units: 1_500 },
  candidate: { bad: 14, of: 200, rate: 0.07, firstBad: 13, units: 180 },
  ratio: 1.31,
  band: { lower: 0.84, upper: 2.05 },
  logEHarm: -0.4,
  logEHarmLimit: 6.2,
  logESafe: 1.2,
  logESafeLimit: 3,
  ceilingUpper: null,
  freshShare: 0.94,
  evidenceWeight: 1,
  word: "UNDECIDED",
  provenBy: null,
  etaSeconds: 180,
  unitsStillNeeded: 1_900,
};

const PAIRED_WORD = { SAFE: "SAFE", INSUFFICIENT: "UNDECIDED", FEW_UNITS: "UNDECIDED" } as const;

/** What mirroring showed, in a report of that kind. */
export function pairedOf(kind: VerdictKind): PairedReport {
  const word =
    kind === "SAFE" || kind === "INSUFFICIENT" || kind === "FEW_UNITS" ? PAIRED_WORD[kind] : "HARM";
  return {
    word,
    minAgreement: 0.95,
    agreement: 0.97,
    band: { lower: 0.96, upper: 0.98 },
    units: kind === "FEW_UNITS" ? 3 : 5_000,
    unitsDisagreed: 150,
    unitWord: "keys",
    need: 1_000,
    failures: {
      candidateOnly: 0,
      stableOnly: 0,
      logE: 0,
      logELimit: 5,
      word: kind === "HARM" ? "HARM" : "UNDECIDED",
    },
    sampled: 6_000,
    dropped: 0,
    compared: 6_000,
    agreed: 5_800,
    unitsStillNeeded: null,
    etaSeconds: null,
  };
}

/** The outcome of an A/B release in a report of that kind: proven better exactly when all is proven. */
export const outcomeOf = (kind: VerdictKind): OutcomeReport => ({
  metric: "value",
  better: "higher",
  action: "roll_back",
  minimumEffect: 0,
  word: kind === "SAFE" ? "BETTER" : "UNDECIDED",
  stable: { n: 500, mean: 1 },
  candidate: { n: 500, mean: 2 },
  effect: 1,
  band: { lower: 0.5, upper: 1.5 },
  need: 200,
});

/** A report of that kind, for tests of the machine. */
export function verdictReport(
  kind: VerdictKind,
  stepIndex: number | null,
  acceptedHolds: readonly string[] = [],
): VerdictReport {
  const isAccepted = acceptedHolds.includes("predictions");
  const past = (action: "roll_back" | "hold") => ({
    action,
    margin: 0.25,
    classes: [],
    logE: 9,
    logELimit: 7,
    word: "HARM" as const,
  });
  const base: VerdictReport = {
    format: "slipway.verdict/1",
    verdict: "INSUFFICIENT",
    action: null,
    stepIndex,
    stepSeconds: 60,
    stepUnits: { have: 10_000, need: 100 },
    unitWord: "keys",
    guards: [],
    predictions: null,
    split: {
      isAlarm: false,
      logE: 0,
      logELimit: 7,
      runtimeId: null,
      epoch: null,
      plannedShareBp: null,
      candidateUnits: 0,
      units: 0,
    },
    isStableUnhealthy: false,
    blindSeconds: null,
    gaps: [],
    invalidReasons: [],
    etaSeconds: null,
    unitsStillNeeded: null,
  };
  switch (kind) {
    case "SAFE":
      return { ...base, verdict: "SAFE" };
    case "INSUFFICIENT":
      return { ...base, guards: [UNDECIDED_GUARD] };
    case "FEW_UNITS":
      return { ...base, stepUnits: { have: 3, need: 100 } };
    case "HARM":
      return { ...base, verdict: "HARM", action: "roll_back", predictions: past("roll_back") };
    case "HARM_HOLD":
      return isAccepted
        ? { ...base, verdict: "SAFE", predictions: past("hold") }
        : { ...base, verdict: "HARM", action: "hold", predictions: past("hold") };
    case "BLIND":
      return { ...base, verdict: "BLIND", blindSeconds: 20 };
    case "BLIND_LONG":
      return { ...base, verdict: "BLIND", blindSeconds: 500 };
    case "INVALID":
      return {
        ...base,
        verdict: "INVALID",
        invalidReasons: ["The traffic split differs from the planned weights."],
      };
  }
}
