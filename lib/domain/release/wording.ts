/** Numbers for sentences: units beside them, a space before %, real minus signs, thousands in groups. The same everywhere. */

/** 1234567 as "1,234,567". */
export function formatCount(value: number): string {
  const digits = String(Math.abs(Math.round(value))).replace(/\B(?=(\d{3})+(?!\d))/g, ",");
  return value < 0 ? `\u2212${digits}` : digits;
}

const trimZeros = (text: string) => (text.includes(".") ? text.replace(/\.?0+$/, "") : text);

/** Basis points as percent: 1000 is "10 %", 250 is "2.5 %". */
export function formatWeight(weightBp: number): string {
  return `${trimZeros((weightBp / 100).toFixed(2))} %`;
}

/** A share from 0 to 1 as percent: one decimal, more below 1 %. */
export function formatShare(share: number): string {
  const percent = share * 100;
  return `${percent.toFixed(percent !== 0 && Math.abs(percent) < 1 ? 2 : 1).replace("-", "\u2212")} %`;
}

/** A ratio with about three digits: 0.84, 1.31, 12.4, 140. Whole limits stay whole. */
export function formatRatio(ratio: number): string {
  if (ratio >= 100) return formatCount(ratio);
  return trimZeros(ratio.toFixed(ratio >= 10 ? 1 : 2));
}

/** Seconds as the two largest units that matter: "45 s", "3 min 30 s", "2 h 5 min", "3 d 4 h". */
export function formatSeconds(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  const parts = [
    [Math.floor(whole / 86_400), "d"],
    [Math.floor((whole % 86_400) / 3600), "h"],
    [Math.floor((whole % 3600) / 60), "min"],
    [whole % 60, "s"],
  ] as const;
  const first = parts.findIndex(([amount]) => amount > 0);
  if (first === -1) return "0 s";
  return parts
    .slice(first, first + 2)
    .filter(([amount]) => amount > 0)
    .map(([amount, unit]) => `${amount} ${unit}`)
    .join(" ");
}

/** A moment as "2026-11-23 14:15 UTC". */
export function formatMoment(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 16).replace("T", " ")} UTC`;
}

/** "a", "a and b", "a, b and c"; from the fifth on, how many more. */
export function formatList(items: readonly string[]): string {
  const shown = items.length > 5 ? [...items.slice(0, 4), `${items.length - 4} more`] : [...items];
  const last = shown.pop();
  if (last === undefined) return "none";
  return shown.length === 0 ? last : `${shown.join(", ")} and ${last}`;
}

export function formatNoun(count: number, one: string, many: string): string {
  return `${formatCount(count)} ${count === 1 ? one : many}`;
}
