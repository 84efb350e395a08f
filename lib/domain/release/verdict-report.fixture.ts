import type { GuardReport } from "./guard-report.ts";
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

/** A report of that kind, for tests of the machine. */
export function verdictReport(
  kind: VerdictKind,
  stepIndex: number,
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
