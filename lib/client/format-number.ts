/** The one place where numbers become text: Unicode minus, grouped thousands, a no-break space before each unit. */

const NBSP = "\u00a0";
const MINUS = "\u2212";

const formats = new Map<number, Intl.NumberFormat>();
function numberFormat(digits: number): Intl.NumberFormat {
  const known = formats.get(digits);
  if (known) return known;
  const made = new Intl.NumberFormat("en-GB", {
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  });
  formats.set(digits, made);
  return made;
}

/** 12245 -> "12,245"; -0.5 with one digit -> "−0.5". Minus zero is zero. */
export function formatNumber(value: number, digits = 0): string {
  const text = numberFormat(digits).format(value);
  const zero = !/[1-9]/.test(text);
  return text.replace("-", zero ? "" : MINUS);
}

/** Like formatNumber with an explicit plus: "+4.3", "−0.07", "0.0". */
export function formatSigned(value: number, digits = 0): string {
  const text = formatNumber(value, digits);
  return value > 0 && /[1-9]/.test(text) ? `+${text}` : text;
}

/** Basis points as percent, without needless zeros: 2500 -> "25 %", 50 -> "0.5 %". */
export function formatWeight(weightBp: number): string {
  const percent = weightBp / 100;
  const digits = Number.isInteger(percent) ? 0 : Number.isInteger(percent * 10) ? 1 : 2;
  return `${formatNumber(percent, digits)}${NBSP}%`;
}

/** A share 0..1 as the bare number of percent with digits that suit its size: 0.0024 -> "0.24", 0.183 -> "18.3". */
export function formatPercentNumber(share: number): string {
  const percent = share * 100;
  return formatNumber(percent, percent !== 0 && Math.abs(percent) < 10 ? 2 : 1);
}

/** A share 0..1 with its unit: "0.24 %". */
export function formatShare(share: number): string {
  return `${formatPercentNumber(share)}${NBSP}%`;
}

/** A ratio to stable with three significant digits: 1.42 -> "1.42", 12.3 -> "12.3", 0.5 -> "0.50". */
export function formatRatio(ratio: number): string {
  return formatNumber(ratio, ratio >= 100 ? 0 : ratio >= 10 ? 1 : 2);
}

/** A ratio with the multiplication sign: "1.42×". A limit drops trailing zeros: "1.5×", "2×". */
export function formatTimes(ratio: number): string {
  return `${formatRatio(ratio)}×`;
}
export function formatLimitTimes(ratio: number): string {
  return `${formatRatio(ratio)
    .replace(/(\.\d*?)0+$/, "$1")
    .replace(/\.$/, "")}×`;
}

/** Milliseconds with unit: "120.3 ms", "4.30 ms" below 10. */
export function formatMs(ms: number): string {
  return `${formatNumber(ms, ms < 10 ? 2 : 1)}${NBSP}ms`;
}

/** Measured times of roll backs: "1.42 s", below 100 ms as "84 ms". */
export function formatMeasured(ms: number): string {
  return ms < 100 ? `${formatNumber(ms)}${NBSP}ms` : `${formatNumber(ms / 1000, 2)}${NBSP}s`;
}

/** Bytes with one decimal in decimal units: "48.2 MB". */
export function formatBytes(bytes: number): string {
  const units = ["B", "kB", "MB", "GB", "TB"];
  let value = bytes;
  let unit = 0;
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1000;
    unit += 1;
  }
  return `${formatNumber(value, unit === 0 ? 0 : 1)}${NBSP}${units[unit] ?? ""}`;
}

/** "1 request", "2,100 requests". */
export function formatCount(value: number, singular: string, plural = `${singular}s`): string {
  return `${formatNumber(value)} ${value === 1 ? singular : plural}`;
}
