import { formatLimitTimes, formatRatio, formatTimes } from "#lib/client/format-number.ts";
import type { RatioBand, RatioLimits } from "#lib/contracts/views/guard-view.ts";

/** Words for a band and its limits: the same in gauge, chart, table and sentence. */

/** "0.90 to 1.42", "up to 3.10", "above 0.20", "open". Unit × is in the column head or the sentence. */
export function bandText({ low, high }: RatioBand): string {
  if ((low === null || low === 0) && high === null) return "open";
  if (high === null) return `above ${formatRatio(low ?? 0)}`;
  if (low === null || low === 0) return `up to ${formatRatio(high)}`;
  return `${formatRatio(low)} to ${formatRatio(high)}`;
}

/** "2×", or "0.8× to 1.25×" for a guard with two sides. */
export function limitText({ upper, lower }: RatioLimits): string {
  return lower === null
    ? formatLimitTimes(upper)
    : `${formatLimitTimes(lower)} to ${formatLimitTimes(upper)}`;
}

/** "1.12×" or "no ratio yet". */
export function estimateText(band: RatioBand): string {
  return band.estimate === null ? "no ratio yet" : formatTimes(band.estimate);
}

/** One sentence for those who do not see the drawing. */
export function bandSentence(name: string, band: RatioBand, limits: RatioLimits): string {
  return `${name}: candidate over stable ${estimateText(band)}, band ${bandText(band)}, limit ${limitText(limits)}`;
}
