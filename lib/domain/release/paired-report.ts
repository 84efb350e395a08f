import {
  isProvenBelow,
  logEvidenceAgainstRate,
  bernoulliConfidenceSequence,
  upperRate,
} from "#lib/domain/statistics/bernoulli.ts";
import { logEHarm } from "#lib/domain/statistics/rate-ratio.ts";
import { secondsUntil } from "./forecast.ts";
import type { PairTotals } from "./pairs.ts";
import type { PairedComparison } from "./plan-parts.ts";

export type PairedWord = "SAFE" | "HARM" | "UNDECIDED" | "NO_DATA";

/** What mirroring showed: how often both versions agree, and whether the challenger fails where stable does not. */
export type PairedReport = {
  readonly word: PairedWord;
  readonly minAgreement: number;
  /** Of distinct keys, by their first pair; null without pairs. */
  readonly agreement: number | null;
  /** Confidence sequence of the agreement: lower end at `beta`, upper end at `alpha`. */
  readonly band: { readonly lower: number; readonly upper: number };
  readonly units: number;
  readonly unitsDisagreed: number;
  readonly unitWord: "requests" | "keys";
  readonly need: number;
  /** Keys on which exactly one of the two failed: a fair coin if both are equally good. */
  readonly failures: {
    readonly candidateOnly: number;
    readonly stableOnly: number;
    readonly logE: number;
    readonly logELimit: number;
    readonly word: "HARM" | "UNDECIDED" | "NO_DATA";
  };
  readonly sampled: number;
  readonly dropped: number;
  readonly compared: number;
  readonly agreed: number;
  readonly unitsStillNeeded: number | null;
  readonly etaSeconds: number | null;
};

const KEYLESS_FROM = 0.98;

/**
 * The keys to count. Where keys come back, the same key may have been counted by several process starts: then the one
 * with most keys stands for all, so that nothing counts twice.
 */
function countedUnits(pairs: PairTotals): { units: number; disagreed: number; isKeyless: boolean } {
  const isKeyless = pairs.units >= KEYLESS_FROM * pairs.compared;
  if (isKeyless) return { units: pairs.units, disagreed: pairs.unitsDisagreed, isKeyless };
  const [, units = 0, disagreed = 0] = pairs.boots.reduce<readonly [string, number, number]>(
    (most, boot) => (boot[1] > most[1] ? boot : most),
    ["", 0, 0],
  );
  return { units, disagreed, isKeyless };
}

/** Every pair in which one alone failed, per key: is the challenger the one more than twice as often as stable? */
function failuresOf(pairs: PairTotals, alpha: number): PairedReport["failures"] {
  const { candidateFailed: candidate, stableFailed: stable } = pairs;
  const logE = logEHarm([{ candidateShareBp: 5_000, candidate, stable }], 2);
  const logELimit = Math.log(1 / alpha);
  const isSeen = pairs.compared + candidate + stable > 0;
  return {
    candidateOnly: candidate,
    stableOnly: stable,
    logE,
    logELimit,
    word: logE >= logELimit ? "HARM" : isSeen ? "UNDECIDED" : "NO_DATA",
  };
}

/** The evidence of a paired comparison. Half of `alpha` is for agreement, half for failures. */
export function pairedReport(comparison: PairedComparison, pairs: PairTotals): PairedReport {
  const { minAgreement, minUnits, alpha, beta } = comparison;
  const { units, disagreed, isKeyless } = countedUnits(pairs);
  const limit = 1 - minAgreement;
  const half = alpha / 2;
  const isHarm =
    units > 0 &&
    disagreed / units > limit &&
    logEvidenceAgainstRate(limit, disagreed, units, half, minUnits) >= Math.log(1 / half);
  const isSafe = isProvenBelow(limit, disagreed, units, beta, minUnits);
  const word = units === 0 ? "NO_DATA" : isHarm ? "HARM" : isSafe ? "SAFE" : "UNDECIDED";
  const lowerDisagreement = bernoulliConfidenceSequence(disagreed, units, half, minUnits).lower;
  const eta = word === "UNDECIDED" ? untilDecided(comparison, units, disagreed, pairs) : null;
  return {
    word,
    minAgreement,
    agreement: units === 0 ? null : 1 - disagreed / units,
    band: {
      lower: 1 - upperRate(disagreed, units, beta, minUnits),
      upper: 1 - lowerDisagreement,
    },
    units,
    unitsDisagreed: disagreed,
    unitWord: isKeyless ? "requests" : "keys",
    need: minUnits,
    failures: failuresOf(pairs, half),
    sampled: pairs.sampled,
    dropped: pairs.dropped,
    compared: pairs.compared,
    agreed: pairs.agreed,
    unitsStillNeeded:
      eta === null || pairs.seconds <= 0 ? null : Math.ceil((eta * units) / pairs.seconds),
    etaSeconds: eta,
  };
}

/** Seconds until the present share of disagreement, held, would be proven on its side of the limit. */
function untilDecided(
  comparison: PairedComparison,
  units: number,
  disagreed: number,
  pairs: PairTotals,
): number | null {
  if (pairs.seconds <= 0 || units === 0) return null;
  const { minAgreement, minUnits, alpha, beta } = comparison;
  const limit = 1 - minAgreement;
  const share = disagreed / units;
  return secondsUntil((seconds) => {
    const n = units * (1 + seconds / pairs.seconds);
    if (share < limit) return isProvenBelow(limit, share * n, n, beta, minUnits);
    const half = alpha / 2;
    return (
      share > limit &&
      logEvidenceAgainstRate(limit, share * n, n, half, minUnits) >= Math.log(1 / half)
    );
  });
}
