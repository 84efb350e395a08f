/**
 * `node bench/decision-times.ts [RUNS]`: how long the error guard of the standard production plan takes, by traffic, base rate and how much worse the
 * candidate is. Simulated with fixed seeds and the product's own tests, looked at every 10 s; every request is its own unit. Prints the tables of docs/how-it-decides.md.
 */
import { CEILING_T_OPT } from "#lib/domain/release/guard-report.ts";
import { defaultCanaryPlan, PRODUCTION_CANARY_POLICY } from "#lib/domain/release/plan.ts";
import { cleanUnitsToProve, isProvenBelow } from "#lib/domain/statistics/bernoulli.ts";
import {
  candidateShareOfEvents,
  logEHarm,
  logESafe,
  type EventStratum,
} from "#lib/domain/statistics/rate-ratio.ts";
import { quantile } from "./quantile.ts";

const LOOK_SECONDS = 10;
const LIMIT_SECONDS = 8 * 3600;
const RATES_PER_SECOND = [2, 20, 200];
const BASE_RATES = [0.001, 0.01, 0.05];

const plan = defaultCanaryPlan(PRODUCTION_CANARY_POLICY);
const [guard] = plan.guards;
if (guard?.metric !== "error") throw new Error("The standard plan begins with its error guard.");

function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** A Poisson count, by the gaps between arrivals. */
function poisson(mean: number, random: () => number): number {
  let count = -1;
  for (let sum = 0; sum <= mean; count += 1) sum -= Math.log(1 - random());
  return count;
}

type Traffic = { readonly perSecond: number; readonly baseRate: number; readonly ratio: number };
type Found = { readonly seconds: number; readonly candidateBad: number };

/** Until `isDecided` first holds, with the share of `shareAt`; null when it does not within the limit. */
function timeUntil(
  { perSecond, baseRate, ratio }: Traffic,
  shareAt: (seconds: number) => number,
  isDecided: (
    strata: readonly EventStratum[],
    candidateBad: number,
    candidateUnits: number,
  ) => boolean,
  random: () => number,
): Found | null {
  const strata = new Map<number, { candidateShareBp: number; candidate: number; stable: number }>();
  let [candidateBad, candidateUnits] = [0, 0];
  for (let seconds = LOOK_SECONDS; seconds <= LIMIT_SECONDS; seconds += LOOK_SECONDS) {
    const shareBp = shareAt(seconds - LOOK_SECONDS);
    const rho = shareBp / 10_000;
    const requests = perSecond * LOOK_SECONDS;
    const bad = poisson(requests * baseRate * (1 - rho + rho * ratio), random);
    const stratum = strata.get(shareBp) ?? { candidateShareBp: shareBp, candidate: 0, stable: 0 };
    const toCandidate = candidateShareOfEvents(ratio, shareBp);
    for (let event = 0; event < bad; event += 1) {
      if (random() < toCandidate) {
        stratum.candidate += 1;
        candidateBad += 1;
      } else stratum.stable += 1;
    }
    strata.set(shareBp, stratum);
    candidateUnits += requests * rho;
    if (isDecided([...strata.values()], candidateBad, Math.floor(candidateUnits)))
      return { seconds, candidateBad };
  }
  return null;
}

/** The plan's own steps at their shortest; the last one lasts. */
function rampShare(seconds: number): number {
  let end = 0;
  for (const step of plan.steps) {
    end += step.dwellSeconds;
    if (seconds < end) return step.weightBp;
  }
  return plan.steps.at(-1)?.weightBp ?? 0;
}

const { limitRatio, alpha, betaRelative, betaAbsolute, absoluteCeiling } = guard;
const isHarm = (strata: readonly EventStratum[]): boolean =>
  logEHarm(strata, limitRatio) >= Math.log(1 / alpha);
const isSafe = (strata: readonly EventStratum[], bad: number, units: number): boolean =>
  logESafe(strata, limitRatio) >= Math.log(1 / betaRelative) ||
  isProvenBelow(absoluteCeiling ?? 0, bad, units, betaAbsolute, CEILING_T_OPT);

function minutes(seconds: number): string {
  return seconds < 60 ? `${seconds} s` : `${(seconds / 60).toFixed(seconds < 600 ? 1 : 0)} min`;
}

function cell(runs: readonly (Found | null)[], withBad: boolean): string {
  const found = runs.filter((run) => run !== null);
  if (found.length < runs.length / 2)
    return `${Math.round((100 * found.length) / runs.length)} % within ${LIMIT_SECONDS / 3600} h`;
  const time = minutes(
    quantile(
      [
        ...found.map(({ seconds }) => seconds),
        ...runs.filter((run) => run === null).map(() => Infinity),
      ],
      0.5,
    ),
  );
  return withBad
    ? `${time}, ${quantile(
        found.map(({ candidateBad }) => candidateBad),
        0.5,
      )} bad`
    : time;
}

const runs = Number(process.argv[2] ?? 200);
const simulate = (
  traffic: Traffic,
  shareAt: (seconds: number) => number,
  isDecided: Parameters<typeof timeUntil>[2],
) =>
  Array.from({ length: runs }, (_, run) =>
    timeUntil(traffic, shareAt, isDecided, randomFrom(run + 1)),
  );
const percent = (rate: number): string => `${rate * 100} %`;

console.log(
  `Until HARM is proven (limit ${limitRatio} times stable, error ${alpha}), median of ${runs} runs through the standard steps, and bad answers of the candidate by then\n`,
);
console.log(
  "| requests/s | stable fails | 5 times as often | 10 times as often |\n|---|---|---|---|",
);
for (const perSecond of RATES_PER_SECOND) {
  for (const baseRate of BASE_RATES) {
    const of = (ratio: number) =>
      cell(simulate({ perSecond, baseRate, ratio }, rampShare, isHarm), true);
    console.log(`| ${perSecond} | ${percent(baseRate)} | ${of(5)} | ${of(10)} |`);
  }
}
console.log(
  `\nUntil an equally good candidate is SAFE on errors (less than ${limitRatio} times stable, or below ${percent(absoluteCeiling ?? 0)}; error ${betaRelative} each), median at a fixed share\n`,
);
console.log("| requests/s | both fail | at 10 % | at 25 % | at 50 % |\n|---|---|---|---|---|");
for (const perSecond of RATES_PER_SECOND) {
  for (const baseRate of [0, ...BASE_RATES]) {
    const at = (shareBp: number) =>
      cell(
        simulate({ perSecond, baseRate, ratio: 1 }, () => shareBp, isSafe),
        false,
      );
    console.log(
      `| ${perSecond} | ${percent(baseRate)} | ${at(1000)} | ${at(2500)} | ${at(5000)} |`,
    );
  }
}
console.log(
  `\nUnits without a failure that prove a rate below the ceiling at error ${betaAbsolute} (and at 0.05)\n`,
);
console.log("| ceiling | units |\n|---|---|");
for (const ceiling of [0.1, 0.05, 0.02, 0.01, 0.005, 0.001]) {
  const units = (error: number) => cleanUnitsToProve(ceiling, error, CEILING_T_OPT);
  console.log(`| ${percent(ceiling)} | ${units(betaAbsolute)} (${units(0.05)}) |`);
}
