import { around, share, type Measure } from "./measure.ts";

/**
 * Area under the ROC curve of one score, and each row's placement: for a hit the share of misses it lies above, for a miss the share of
 * hits that lie above it (ties count half). The area is the mean of either; their variances give its own (DeLong, DeLong and Clarke-Pearson 1988).
 */
export type Placements = { readonly area: number; readonly hits: number; readonly misses: number; readonly placement: Float64Array };

/** Null when all rows are of one kind: then there is nothing to tell apart. Sorts once, so a hundred thousand rows are no matter. */
export function placeRows(scores: Float64Array, isHit: Uint8Array): Placements | null {
  const n = scores.length;
  let hits = 0;
  for (let row = 0; row < n; row += 1) hits += isHit[row] ?? 0;
  const misses = n - hits;
  if (hits === 0 || misses === 0) return null;
  const order = Uint32Array.from({ length: n }, (_, index) => index).sort((a, b) => (scores[a] ?? 0) - (scores[b] ?? 0));
  const placement = new Float64Array(n);
  let hitsBelow = 0;
  let missesBelow = 0;
  let sum = 0;
  for (let from = 0; from < n; ) {
    const value = scores[order[from] ?? 0];
    let to = from;
    let tiedHits = 0;
    while (to < n && scores[order[to] ?? 0] === value) {
      tiedHits += isHit[order[to] ?? 0] ?? 0;
      to += 1;
    }
    const tiedMisses = to - from - tiedHits;
    const above = (missesBelow + tiedMisses / 2) / misses;
    const below = (hits - hitsBelow - tiedHits / 2) / hits;
    for (let at = from; at < to; at += 1) {
      const row = order[at] ?? 0;
      placement[row] = isHit[row] === 1 ? above : below;
    }
    sum += tiedHits * above;
    hitsBelow += tiedHits;
    missesBelow += tiedMisses;
    from = to;
  }
  return { area: sum / hits, hits, misses, placement };
}

const NAME = "areaUnderRoc";

/** A perfect area, or one of nothing but ties, has no spread to judge by: then as sure as Wilson is of that share among the fewer kind of rows. */
function withoutSpread(area: number, { hits, misses }: Placements): Measure {
  const few = Math.min(hits, misses);
  const sure = share(NAME, area * few, few);
  return { name: NAME, value: area, low: sure?.low ?? 0, high: sure?.high ?? 1, n: hits + misses, method: "wilson" };
}

/** Two classes: the score of either. */
export function areaOfTwo(scores: Float64Array, isHit: Uint8Array): Measure | null {
  const placed = placeRows(scores, isHit);
  if (placed === null) return null;
  const { area, hits, misses, placement } = placed;
  let [byHit, byMiss] = [0, 0];
  placement.forEach((value, row) => {
    if (isHit[row] === 1) byHit += (value - area) ** 2;
    else byMiss += (value - area) ** 2;
  });
  const variance = (hits < 2 ? 0 : byHit / (hits - 1) / hits) + (misses < 2 ? 0 : byMiss / (misses - 1) / misses);
  if (variance === 0) return withoutSpread(area, placed);
  return around(NAME, area, Math.sqrt(variance), hits + misses, "delong", { least: 0, most: 1 });
}

/** Several classes: the mean of each against the rest, over the classes that occur. A row counts in every one of them, so its parts are added before they are squared. */
export function areaOfSeveral(areas: readonly { readonly placed: Placements; readonly isHit: Uint8Array }[]): Measure | null {
  const [first] = areas;
  if (first === undefined) return null;
  const n = first.isHit.length;
  const influence = new Float64Array(n);
  let sum = 0;
  for (const { placed, isHit } of areas) {
    sum += placed.area;
    placed.placement.forEach((value, row) => {
      influence[row] = (influence[row] ?? 0) + (value - placed.area) / (isHit[row] === 1 ? placed.hits : placed.misses) / areas.length;
    });
  }
  const variance = influence.reduce((total, part) => total + part * part, 0);
  const area = sum / areas.length;
  if (variance === 0) return withoutSpread(area, first.placed);
  return around(NAME, area, Math.sqrt(variance), n, "delong", { least: 0, most: 1 });
}
