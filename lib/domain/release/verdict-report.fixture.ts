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

/** A report of that kind with no guard evidence in it, for tests of the machine. */
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
      return base;
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
