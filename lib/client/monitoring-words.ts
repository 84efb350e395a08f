import { formatMs, formatNumber } from "#lib/client/format-number.ts";
import type { AlertRow, FeatureRow, SignalRow } from "#lib/contracts/views/monitoring-view.ts";
import type { RuleUnit, SignalClass } from "#lib/domain/drift/alert-rules.ts";

/** The one vocabulary of monitoring: shape and word of each state, and how its figures are written. */

type Word = { readonly shape: "passed" | "failed" | "awaiting" | "running" | "undecided" | "no-data" | "retired"; readonly word: string };

export function signalWord({ state, enabled, limit }: Pick<SignalRow, "state" | "enabled" | "limit">): Word {
  if (!enabled) return { shape: "retired", word: "Off" };
  switch (state) {
    case null:
      return { shape: "no-data", word: "Not evaluated yet" };
    case "OK":
      return limit === null ? { shape: "no-data", word: "No limit set" } : { shape: "passed", word: "Within limit" };
    case "PENDING":
      return { shape: "awaiting", word: "Past limit once" };
    case "FIRING":
      return { shape: "failed", word: "Past limit" };
    case "RESOLVING":
      return { shape: "running", word: "Calming down" };
    case "INSUFFICIENT":
      return { shape: "undecided", word: "Too little data" };
    case "STALE":
      return { shape: "no-data", word: "No data" };
  }
}

export function featureWord({ verdict, missing, outside }: Pick<FeatureRow, "verdict" | "missing" | "outside">): Word {
  if (missing?.isPastLimit === true) return { shape: "failed", word: "Nulls past limit" };
  if (outside?.isPastLimit === true) return { shape: "failed", word: "New values past limit" };
  switch (verdict) {
    case "past_limit":
      return { shape: "failed", word: "Past limit" };
    case "past_floor":
      return { shape: "awaiting", word: "Past floor" };
    case "within":
      return { shape: "passed", word: "Within limit" };
    case "insufficient":
      return { shape: "no-data", word: "Too little data" };
  }
}

export function alertWord({ state }: Pick<AlertRow, "state">): Word {
  if (state === "FIRING") return { shape: "failed", word: "Firing" };
  return state === "RESOLVING" ? { shape: "running", word: "Calming down" } : { shape: "passed", word: "Resolved" };
}

const WORST = ["FIRING", "PENDING", "RESOLVING", "STALE", "INSUFFICIENT", "OK"] as const;

/** The worst of a class of signals. One without a limit can be neither good nor bad, whatever is known of it. */
export function worstSignal(signals: readonly SignalRow[]): SignalRow | null {
  const judged = signals.filter(({ enabled, state, limit }) => enabled && state !== null && limit !== null);
  for (const state of WORST) {
    const found = judged.find((signal) => signal.state === state);
    if (found !== undefined) return found;
  }
  return null;
}

export const classWords: Readonly<Record<SignalClass, string>> = { infrastructure: "Infrastructure", model: "Model", business: "Business" };

export const score = (value: number | null): string => (value === null ? "none" : formatNumber(value, 3));
export const percent = (share: number, digits = 1): string => `${formatNumber(share * 100, digits)}\u00a0%`;

/** A figure in the unit of its rule. */
export function figure(unit: RuleUnit, value: number): string {
  switch (unit) {
    case "seconds":
      return `${formatNumber(value)}\u00a0s`;
    case "share":
      return percent(value, Math.abs(value) < 0.1 ? 2 : 1);
    case "milliseconds":
      return formatMs(value);
    case "psi":
      return score(value);
    case "value":
      return formatNumber(value, 2);
    case "limits":
      return `${formatNumber(value, 2)}\u00a0of its limit`;
  }
}

export const unitWords: Readonly<Record<RuleUnit, string>> = { seconds: "s", share: "%", milliseconds: "ms", psi: "PSI", value: "", limits: "of its limit" };
export const sourceWords = { training_profile: "training profile", sample: "sample", first_traffic: "first traffic", none: "nothing" } as const;
export const rangeWords = { "1h": "1 h", "24h": "24 h", "7d": "7 d", "30d": "30 d", "13mo": "13 months" } as const;
export const againstWords = { training: "Training", same_hour: "Same hour, 4 weeks", hour_before: "Hour before" } as const;
