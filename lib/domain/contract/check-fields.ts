import { halfToNumber, numberToHalf } from "./half-float.ts";
import type { ContractField, ContractRefusal, FieldCount, TensorData } from "./types.ts";

/** What one request has come to so far. Written only when a rule is broken: a clean request allocates nothing here. */
type Count = { -readonly [K in keyof FieldCount]: FieldCount[K] };

export type CheckTally = {
  refusals: ContractRefusal[];
  refusedCount: number;
  flags: Count[];
  imputed: Count[];
};

const HALF_NAN = 0x7e00;
const MAX_REFUSALS = 20;
const MAX_SHOWN_LETTERS = 40;

/** Where a field's values lie: from `start`, every `stride`, and how many values make a row. */
export type FieldLayout = {
  readonly start: number;
  readonly stride: number;
  readonly rowValues: number;
};

export type FieldCheck = (
  data: TensorData,
  nulls: Uint8Array | null,
  layout: FieldLayout,
  tally: CheckTally,
) => void;

/** A rule of one field with what it has counted in the present request. */
type Rule = {
  readonly field: ContractField;
  readonly rule: "null" | "range" | "domain";
  readonly act: "reject" | "allow" | "impute" | "flag";
};

function breach(tally: CheckTally, rule: Rule, row: number, shown: () => string): void {
  if (rule.act === "allow") return;
  if (rule.act === "reject") {
    tally.refusedCount += 1;
    if (tally.refusals.length < MAX_REFUSALS) {
      const { field } = rule.field;
      tally.refusals.push({
        field,
        row,
        rule: rule.rule,
        message: `${field}, row ${row}: ${shown()}.`,
      });
    }
    return;
  }
  const counts = rule.act === "flag" ? tally.flags : tally.imputed;
  // A field's counts lie together at the end, at most one for nulls and one for what is outside.
  for (let index = counts.length - 1; index >= 0 && index >= counts.length - 2; index -= 1) {
    const count = counts[index];
    if (count?.field === rule.field.field && count.rule === rule.rule) {
      count.count += 1;
      return;
    }
  }
  counts.push({ field: rule.field.field, rule: rule.rule, count: 1 });
}

const nullRule = (field: ContractField): Rule => ({ field, rule: "null", act: field.nulls });
const outsideRule = (field: ContractField): Rule => ({
  field,
  rule: field.domain === null ? "range" : "domain",
  act: field.action,
});

const nullText = (): string => "it is null, and nulls are refused";

/** What came as FP32 or FP16 is shown without the digits that only its conversion added. */
function shownNumber(field: ContractField, value: number): string {
  if (field.type === "float32") return String(Number(value.toPrecision(7)));
  return String(field.type === "float16" ? Number(value.toPrecision(4)) : value);
}

function outsideText(field: ContractField, value: string | number): string {
  const shown =
    typeof value === "number"
      ? shownNumber(field, value)
      : JSON.stringify(
          value.length > MAX_SHOWN_LETTERS ? `${value.slice(0, MAX_SHOWN_LETTERS)}...` : value,
        );
  if (field.domain !== null)
    return `${shown} is not one of the ${field.domain.length} values allowed`;
  const { min, max } = field.range ?? { min: null, max: null };
  if (typeof value === "number" && !Number.isFinite(value))
    return `${shown} is not a finite number`;
  if (min === null) return `${shown} is above ${max}`;
  if (max === null) return `${shown} is below ${min}`;
  return `${shown} is outside ${min} to ${max}`;
}

/** Rules over numbers: an interval, or a sorted list when the field has a domain. An open end lets every finite value pass, not infinity. */
type NumberRule = {
  readonly least: number;
  readonly greatest: number;
  readonly domain: Float64Array | null;
};

export function numberRule(field: ContractField, round: (value: number) => number): NumberRule {
  if (field.domain !== null) {
    const values = field.domain.filter((value) => typeof value === "number").map(round);
    const domain = Float64Array.from(values).sort();
    return { least: domain[0] ?? 0, greatest: domain.at(-1) ?? 0, domain };
  }
  if (field.range === null) {
    return { least: Number.NEGATIVE_INFINITY, greatest: Number.POSITIVE_INFINITY, domain: null };
  }
  const { min, max } = field.range;
  return {
    // Rounding may not turn an end into infinity.
    least: min === null ? -Number.MAX_VALUE : Math.max(-Number.MAX_VALUE, round(min)),
    greatest: max === null ? Number.MAX_VALUE : Math.min(Number.MAX_VALUE, round(max)),
    domain: null,
  };
}

function isInDomain(domain: Float64Array, value: number): boolean {
  let low = 0;
  let high = domain.length - 1;
  while (low <= high) {
    const middle = (low + high) >> 1;
    const found = domain[middle] ?? 0;
    if (found === value) return true;
    if (found < value) low = middle + 1;
    else high = middle - 1;
  }
  return false;
}

const imputedNumber = (field: ContractField): number =>
  typeof field.imputeValue === "number" ? field.imputeValue : Number(field.imputeValue === true);

const isNull = (nulls: Uint8Array | null, index: number): boolean =>
  nulls !== null && nulls[index] === 1;

/**
 * FP32 and FP64; null is NaN or marked in the bitmap. The ends of a range are rounded as the data was, so that a caller who sends 0.8 as FP32 is inside a range that ends at 0.8.
 */
export function checkFloats(field: ContractField, round: (value: number) => number): FieldCheck {
  const { least, greatest, domain } = numberRule(field, round);
  const onNull = nullRule(field);
  const onOutside = outsideRule(field);
  const substitute = imputedNumber(field);
  return (data, nulls, { start, stride, rowValues }, tally) => {
    if (!(data instanceof Float32Array || data instanceof Float64Array)) return;
    for (let index = start; index < data.length; index += stride) {
      const value = isNull(nulls, index) ? Number.NaN : (data[index] ?? 0);
      if (value >= least && value <= greatest && (domain === null || isInDomain(domain, value)))
        continue;
      const row = Math.floor(index / rowValues);
      if (Number.isNaN(value)) {
        breach(tally, onNull, row, nullText);
        data[index] = onNull.act === "impute" ? substitute : Number.NaN;
      } else {
        breach(tally, onOutside, row, () => outsideText(field, value));
        if (onOutside.act === "impute") data[index] = substitute;
      }
    }
  };
}

/** FP16 by its bits; null as in `checkFloats`. */
export function checkHalves(field: ContractField): FieldCheck {
  const { least, greatest, domain } = numberRule(field, (value) =>
    halfToNumber(numberToHalf(value)),
  );
  const onNull = nullRule(field);
  const onOutside = outsideRule(field);
  const substitute = numberToHalf(imputedNumber(field));
  return (data, nulls, { start, stride, rowValues }, tally) => {
    if (!(data instanceof Uint16Array)) return;
    for (let index = start; index < data.length; index += stride) {
      const value = isNull(nulls, index) ? Number.NaN : halfToNumber(data[index] ?? 0);
      if (value >= least && value <= greatest && (domain === null || isInDomain(domain, value)))
        continue;
      const row = Math.floor(index / rowValues);
      if (Number.isNaN(value)) {
        breach(tally, onNull, row, nullText);
        data[index] = onNull.act === "impute" ? substitute : HALF_NAN;
      } else {
        breach(tally, onOutside, row, () => outsideText(field, value));
        if (onOutside.act === "impute") data[index] = substitute;
      }
    }
  };
}

type SmallIntegers = Int8Array | Int16Array | Int32Array | Uint8Array | Uint16Array | Uint32Array;
const isSmallIntegers = (data: TensorData): data is SmallIntegers =>
  !Array.isArray(data) && data.BYTES_PER_ELEMENT <= 4 && !(data instanceof Float32Array);

/** Integers up to 32 bits, and booleans as 0 and 1; null only by the bitmap. */
export function checkIntegers(field: ContractField): FieldCheck {
  const { least, greatest, domain } = numberRule(field, (value) => value);
  const onNull = nullRule(field);
  const onOutside = outsideRule(field);
  const substitute = imputedNumber(field);
  return (data, nulls, { start, stride, rowValues }, tally) => {
    if (!isSmallIntegers(data)) return;
    for (let index = start; index < data.length; index += stride) {
      if (isNull(nulls, index)) {
        breach(tally, onNull, Math.floor(index / rowValues), nullText);
        data[index] = substitute;
        continue;
      }
      const value = data[index] ?? 0;
      if (value >= least && value <= greatest && (domain === null || isInDomain(domain, value)))
        continue;
      breach(tally, onOutside, Math.floor(index / rowValues), () => outsideText(field, value));
      if (onOutside.act === "impute") data[index] = substitute;
    }
  };
}

/**
 * INT64 and UINT64 through their 32-bit halves, so that no BigInt is made for each value. Exact up to 2^53, which is as far as contract values go;
 * beyond it the sum is rounded but stays beyond, so every comparison is right.
 */
export function checkWideIntegers(field: ContractField): FieldCheck {
  const { least, greatest, domain } = numberRule(field, (value) => value);
  const onNull = nullRule(field);
  const onOutside = outsideRule(field);
  const substitute = BigInt(imputedNumber(field));
  return (data, nulls, { start, stride, rowValues }, tally) => {
    if (!(data instanceof BigInt64Array || data instanceof BigUint64Array)) return;
    const low = new Uint32Array(data.buffer, data.byteOffset, data.length * 2);
    const high =
      data instanceof BigInt64Array
        ? new Int32Array(data.buffer, data.byteOffset, data.length * 2)
        : low;
    for (let index = start; index < data.length; index += stride) {
      if (isNull(nulls, index)) {
        breach(tally, onNull, Math.floor(index / rowValues), nullText);
        data[index] = substitute;
        continue;
      }
      const value = (high[index * 2 + 1] ?? 0) * 4_294_967_296 + (low[index * 2] ?? 0);
      if (value >= least && value <= greatest && (domain === null || isInDomain(domain, value)))
        continue;
      breach(tally, onOutside, Math.floor(index / rowValues), () => outsideText(field, value));
      if (onOutside.act === "impute") data[index] = substitute;
    }
  };
}

/** BYTES as text; null is the empty string. A null left in the array or marked in the bitmap becomes the empty string. */
export function checkTexts(field: ContractField): FieldCheck {
  const domain =
    field.domain === null
      ? null
      : new Set(field.domain.filter((value) => typeof value === "string"));
  const onNull = nullRule(field);
  const onOutside = outsideRule(field);
  const substitute = typeof field.imputeValue === "string" ? field.imputeValue : "";
  return (data, nulls, { start, stride, rowValues }, tally) => {
    if (!Array.isArray(data)) return;
    for (let index = start; index < data.length; index += stride) {
      const value: unknown = data[index];
      if (typeof value !== "string" || value === "" || isNull(nulls, index)) {
        breach(tally, onNull, Math.floor(index / rowValues), nullText);
        data[index] = onNull.act === "impute" ? substitute : "";
      } else if (domain !== null && !domain.has(value)) {
        breach(tally, onOutside, Math.floor(index / rowValues), () => outsideText(field, value));
        if (onOutside.act === "impute") data[index] = substitute;
      }
    }
  };
}
