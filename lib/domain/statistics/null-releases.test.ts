import { describe, expect, it } from "vitest";
import { logEHarm, type EventStratum } from "./rate-ratio.ts";

/**
 * Whole releases of an hour as the research simulated them: 1, 5, 25 and 50 % for 15 min each, looked at every 10 s, with a day's
 * swing of the traffic and of the base rate by 80 % either way. Fixed seeds; SLIPWAY_TEST_FULL=1 runs every setting of both tables.
 */
const FULL = process.env["SLIPWAY_TEST_FULL"] === "1";
const RUNS = 2_000;
const PATIENCE_MS = 300_000;
const SHARES_BP = [100, 500, 2_500, 5_000];
const LOOKS = 90;
const LOOK_SECONDS = 10;
const SWING = 0.8;

type Setting = { readonly requestsPerSecond: number; readonly baseRate: number };

function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** A Poisson count by Knuth's product, in parts whose `exp` does not vanish. */
function poisson(random: () => number, mean: number): number {
  let count = 0;
  for (let left = mean; left > 0; left -= 30) {
    const limit = Math.exp(-Math.min(30, left));
    for (let product = random(); product > limit; product *= random()) count += 1;
  }
  return count;
}

/** Whether one release is ever called harmful; the phase of both swings is drawn with the release. */
function isCalledHarmful(random: () => number, setting: Setting, ratio: number, alpha: number): boolean {
  const [trafficPhase, ratePhase] = [random() * 2 * Math.PI, random() * 2 * Math.PI];
  const strata: EventStratum[] = [];
  for (const [stage, candidateShareBp] of SHARES_BP.entries()) {
    let [candidate, stable] = [0, 0];
    for (let look = 0; look < LOOKS; look += 1) {
      const hour = (stage * LOOKS + look) / (SHARES_BP.length * LOOKS);
      const requests = setting.requestsPerSecond * LOOK_SECONDS * (1 + SWING * Math.sin(trafficPhase + 2 * Math.PI * hour));
      const rate = setting.baseRate * (1 + SWING * Math.sin(ratePhase + 6 * Math.PI * hour));
      const share = candidateShareBp / 10_000;
      const more = poisson(random, requests * share * rate * ratio);
      const others = poisson(random, requests * (1 - share) * rate);
      if (more + others === 0) continue;
      candidate += more;
      stable += others;
      if (logEHarm([...strata, { candidateShareBp, candidate, stable }], 1) >= -Math.log(alpha)) return true;
    }
    strata.push({ candidateShareBp, candidate, stable });
  }
  return false;
}

function shareHarmful(setting: Setting, ratio: number, alpha: number): number {
  let harmful = 0;
  for (let run = 0; run < RUNS; run += 1) {
    if (isCalledHarmful(randomFrom(11 * 1_000_003 + run), setting, ratio, alpha)) harmful += 1;
  }
  return harmful / RUNS;
}

describe("2,000 releases of an honest version under swinging traffic and base rates", { timeout: PATIENCE_MS }, () => {
  const all: readonly (readonly [requestsPerSecond: number, baseRate: number, alpha: number])[] = [2, 20, 200].flatMap((requestsPerSecond) =>
    [0.001, 0.01, 0.05].flatMap((baseRate) => [0.01, 0.05].map((alpha) => [requestsPerSecond, baseRate, alpha] as const)),
  );
  const quick = all.filter(([requestsPerSecond, baseRate]) => (requestsPerSecond === 2 && baseRate === 0.05) || (requestsPerSecond === 20 && baseRate === 0.01));

  it.each(FULL ? all : quick)("at %d requests/s and a base rate of %d: called harmful in at most %d of them, and three standard errors", (requestsPerSecond, baseRate, alpha) => {
    const tolerated = alpha + 3 * Math.sqrt((alpha * (1 - alpha)) / RUNS);
    expect(shareHarmful({ requestsPerSecond, baseRate }, 1, alpha)).toBeLessThanOrEqual(tolerated);
  });
});

describe("the published power in an hour, at alpha 0.01", { timeout: PATIENCE_MS }, () => {
  const all: readonly (readonly [requestsPerSecond: number, baseRate: number, ratio: number, power: number])[] = [
    [2, 0.01, 2, 0.28],
    [2, 0.01, 5, 1],
    [2, 0.01, 10, 1],
    [2, 0.001, 10, 0.78],
    [20, 0.01, 1.5, 0.83],
    [20, 0.01, 2, 1],
    [20, 0.001, 5, 1],
    [20, 0.001, 10, 1],
    [200, 0.01, 2, 1],
    [200, 0.001, 2, 1],
    [200, 0.001, 10, 1],
  ];
  const quick = all.filter(([requestsPerSecond, baseRate]) => requestsPerSecond === 2 || (requestsPerSecond === 20 && baseRate === 0.01));

  it.each(FULL ? all : quick)("%d requests/s, base rate %d, %d times the errors: found in %d of the releases, within 0.05", (requestsPerSecond, baseRate, ratio, power) => {
    const found = shareHarmful({ requestsPerSecond, baseRate }, ratio, 0.01);
    expect(Math.abs(found - power)).toBeLessThanOrEqual(0.05);
  });
});
