import type { RatioBand, RatioLimits } from "#lib/contracts/views/guard-view.ts";

/** Geometry of the release charts: pure, so that page, print and tests draw the same picture. */

export type Range = readonly [number, number];
export type Scale = (value: number) => number;

export function linearScale([d0, d1]: Range, [r0, r1]: Range): Scale {
  const span = d1 - d0 || 1;
  return (value) => r0 + ((value - d0) / span) * (r1 - r0);
}

/** Log scale for ratios; equal factors are equal distances, so half and double lie as far from 1. */
export function logScale([d0, d1]: Range, range: Range): Scale {
  const inner = linearScale([Math.log(d0), Math.log(d1)], range);
  return (value) => inner(Math.log(Math.max(value, d0 / 1e3)));
}

export function clamp(value: number, low: number, high: number): number {
  return Math.min(Math.max(value, low), high);
}

const SMALLEST = 0.02;
const LARGEST = 200;

/**
 * Part of the ratio axis that is drawn: always 1 and the limits with room past them, the point estimate, and the band
 * as far as it is within six times a limit; beyond that the band is drawn open and the numbers say how far it goes.
 */
export function ratioDomain(band: RatioBand, limits: RatioLimits): Range {
  const lower = limits.lower ?? 1;
  const highCap = limits.upper * 6;
  const lowCap = lower / 6;
  const tops = [
    2,
    limits.upper * 1.5,
    (band.estimate ?? 1) * 1.25,
    Math.min((band.high ?? 1) * 1.1, highCap),
  ];
  const bottoms = [
    0.5,
    lower / 1.5,
    Math.max((band.estimate ?? 1) * 0.8, lowCap / 2),
    Math.max((band.low ?? 1) * 0.9, lowCap),
  ];
  return [clamp(Math.min(...bottoms), SMALLEST, 0.5), clamp(Math.max(...tops), 2, LARGEST)];
}

const COARSE = [0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100, 200];
const FINE = [0.25, 0.5, 0.75, 1, 1.5, 2, 3, 4, 6];

/** Labelled ratios on the axis, 1 always among them: three to seven. */
export function ratioTicks([low, high]: Range): readonly number[] {
  const within = (values: readonly number[]) =>
    values.filter((value) => value >= low * 0.999 && value <= high * 1.001);
  const coarse = within(COARSE);
  if (coarse.length < 4) return within(FINE);
  // Too many to label: every second one, counted from 1.
  const one = coarse.indexOf(1);
  return coarse.length > 7 ? coarse.filter((_, index) => (index - one) % 2 === 0) : coarse;
}

/** Unlabelled marks of the gauge's scale between low and high, as on a ship's side. */
export function ratioMinorTicks([low, high]: Range): readonly number[] {
  const count = 16;
  const step = Math.log(high / low) / count;
  return Array.from({ length: count + 1 }, (_, index) => low * Math.exp(step * index));
}

const TIME_STEPS_SECONDS = [
  1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10_800, 21_600, 43_200, 86_400,
];

/** Round instants on a time axis (ms since 1970), at most `most` of them, and the step between them in seconds. */
export function timeTicks(
  [from, to]: Range,
  most: number,
): { readonly at: readonly number[]; readonly stepSeconds: number } {
  const seconds = Math.max(1, (to - from) / 1000);
  const stepSeconds =
    TIME_STEPS_SECONDS.find((step) => seconds / step <= most) ??
    Math.ceil(seconds / most / 86_400) * 86_400;
  const step = stepSeconds * 1000;
  const at: number[] = [];
  for (let t = Math.ceil(from / step) * step; t <= to; t += step) at.push(t);
  return { at, stepSeconds };
}

/** Round ticks of a linear axis that cover low..high: two to six, with the digits they need. */
export function niceTicks(
  low: number,
  high: number,
): { readonly ticks: readonly number[]; readonly digits: number } {
  const span = Math.max(high - low, Math.abs(high) * 1e-3, 1e-9);
  const raw = span / 4;
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = ([1, 2, 2.5, 5, 10].find((factor) => factor * power >= raw) ?? 10) * power;
  const first = Math.floor(low / step);
  const last = Math.ceil(high / step);
  const ticks = Array.from({ length: last - first + 1 }, (_, index) => (first + index) * step);
  const digits = clamp(
    Math.ceil(-Math.log10(step) + (String(step / power).startsWith("2.5") ? 1 : 0)),
    0,
    6,
  );
  return { ticks, digits };
}

/** "M1.0 2.0L3.0 4.0": one decimal is a tenth of a pixel. */
export function linePath(points: readonly (readonly [number, number])[]): string {
  return points
    .map(([x, y], index) => `${index === 0 ? "M" : "L"}${x.toFixed(1)} ${y.toFixed(1)}`)
    .join("");
}

/** Thins a series to at most `most` items, always keeping the first and the last. */
export function thin<T>(items: readonly T[], most: number): readonly T[] {
  if (items.length <= most) return items;
  const step = (items.length - 1) / (most - 1);
  return Array.from({ length: most }, (_, index) => items[Math.round(index * step)]).filter(
    (item): item is T => item !== undefined,
  );
}

/** Splits a series where a value is missing, so that a gap stays a gap. */
export function runs<T>(
  items: readonly T[],
  present: (item: T) => boolean,
): readonly (readonly T[])[] {
  const found: T[][] = [];
  let open: T[] | null = null;
  for (const item of items) {
    if (!present(item)) {
      open = null;
      continue;
    }
    if (open === null) {
      open = [];
      found.push(open);
    }
    open.push(item);
  }
  return found;
}

/** Moves label positions apart to at least `gap`, keeping their order and staying within the range. */
export function spread(
  positions: readonly number[],
  gap: number,
  [low, high]: Range,
): readonly number[] {
  const order = positions.map((y, index) => ({ y, index })).sort((a, b) => a.y - b.y);
  let floor = low;
  for (const label of order) {
    label.y = Math.max(label.y, floor);
    floor = label.y + gap;
  }
  let ceiling = high;
  for (const label of order.toReversed()) {
    label.y = Math.min(label.y, ceiling);
    ceiling = label.y - gap;
  }
  const placed = [...positions];
  for (const label of order) placed[label.index] = label.y;
  return placed;
}
