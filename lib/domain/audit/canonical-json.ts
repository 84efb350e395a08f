import { isCanonicalJson } from "./canonical-json-scan.ts";

/**
 * RFC 8785 (JSON Canonicalization Scheme): one value, one sequence of bytes. Anything whose meaning JSON
 * would bend on the way (undefined, NaN, lone surrogates, Dates, integers that a double cannot hold) is refused, never bent.
 */

export type JsonValue =
  null | boolean | number | string | readonly JsonValue[] | { readonly [key: string]: JsonValue };

export type JsonObject = { readonly [key: string]: JsonValue };

const MAX_DEPTH = 64;

/** A value that has no canonical form. `pointer` is the RFC 6901 path to it. */
export class CanonicalJsonError extends Error {
  override readonly name = "CanonicalJsonError";
  readonly pointer: string;

  constructor(pointer: string, reason: string) {
    super(`No canonical JSON at "${pointer}": ${reason}.`);
    this.pointer = pointer;
  }
}

export type CanonicalJsonOptions = {
  /** `safe` (default) refuses integers beyond 2^53 - 1, which other readers may round; `any` is RFC 8785 to the letter. */
  readonly integers?: "safe" | "any";
};

type Place = {
  readonly parent: Place | null;
  readonly key: string | number;
  readonly depth: number;
};

function pointerTo(place: Place | null): string {
  if (place === null) return "";
  const key = String(place.key).replaceAll("~", "~0").replaceAll("/", "~1");
  return `${pointerTo(place.parent)}/${key}`;
}

function refuse(place: Place | null, reason: string): never {
  throw new CanonicalJsonError(pointerTo(place), reason);
}

function canonicalString(text: string, place: Place | null): string {
  if (!text.isWellFormed()) refuse(place, "the text holds half of a surrogate pair");
  return JSON.stringify(text);
}

/** ES number serialisation, which RFC 8785 section 3.2.2.3 prescribes; JSON.stringify writes -0 as 0. */
function canonicalNumber(value: number, place: Place | null, integers: "safe" | "any"): string {
  if (!Number.isFinite(value)) refuse(place, "the number is not finite");
  if (integers === "safe" && Number.isInteger(value) && !Number.isSafeInteger(value)) {
    refuse(place, "the integer is beyond 2^53 - 1; write it as text");
  }
  return JSON.stringify(value);
}

function step(place: Place | null, key: string | number): Place {
  const depth = (place?.depth ?? 0) + 1;
  if (depth > MAX_DEPTH) refuse(place, `it is nested deeper than ${MAX_DEPTH} levels`);
  return { parent: place, key, depth };
}

function canonicalArray(
  list: readonly unknown[],
  place: Place | null,
  integers: "safe" | "any",
): string {
  const parts: string[] = [];
  for (let i = 0; i < list.length; i += 1) parts.push(write(list[i], step(place, i), integers));
  return `[${parts.join(",")}]`;
}

function canonicalObject(value: object, place: Place | null, integers: "safe" | "any"): string {
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null)
    refuse(place, "it is not a plain object");
  if (Object.getOwnPropertySymbols(value).length > 0) refuse(place, "it has a symbol for a key");
  // Array.prototype.sort compares UTF-16 code units, which is the order RFC 8785 section 3.2.3 asks for.
  const members = new Map<string, unknown>(Object.entries(value));
  const parts = [...members.keys()].sort().map((key) => {
    const here = step(place, key);
    return `${canonicalString(key, here)}:${write(members.get(key), here, integers)}`;
  });
  return `{${parts.join(",")}}`;
}

function write(value: unknown, place: Place | null, integers: "safe" | "any"): string {
  if (value === null) return "null";
  switch (typeof value) {
    case "boolean":
      return value ? "true" : "false";
    case "number":
      return canonicalNumber(value, place, integers);
    case "string":
      return canonicalString(value, place);
    case "object":
      return Array.isArray(value)
        ? canonicalArray(value, place, integers)
        : canonicalObject(value, place, integers);
    default:
      return refuse(place, `${typeof value} is not a JSON value`);
  }
}

/** The RFC 8785 text of a JSON value. Throws CanonicalJsonError for anything outside the closed value type. */
export function canonicalJson(value: unknown, options: CanonicalJsonOptions = {}): string {
  return write(value, null, options.integers ?? "safe");
}

/** Reads text that must already be canonical. `null` when it is not JSON or is spelled in any other way. */
export function parseCanonicalJson(text: string): { readonly value: JsonValue } | null {
  if (!isCanonicalJson(text)) return null;
  const value: JsonValue = JSON.parse(text);
  return { value };
}
