/**
 * Whether a text is canonical JSON (RFC 8785), decided in one pass without building the value: a verifier asks this of a million entries.
 * Same answer as "parse it, write it canonically, compare", which the tests hold it to.
 */

const QUOTE = 0x22;
const COMMA = 0x2c;
const COLON = 0x3a;
const OPEN_BRACKET = 0x5b;
const BACKSLASH = 0x5c;
const CLOSE_BRACKET = 0x5d;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;
/** As deep as canonicalJson goes. */
const MAX_DEPTH = 64;
const NO = -1;

const NUMBER = /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:e[+-][0-9]+)?/y;
/** The one spelling of each escape: short forms where there are any, else \u00xx in lower case, for control characters only. */
const ESCAPE = /\\(?:["\\bfnrt]|u00(?:0[0-7bef]|1[0-9a-f]))/y;

export function isCanonicalJson(text: string): boolean {
  return scanValue(text, 0, 0) === text.length;
}

/** Each scan answers the index after what it read, or NO. */
function scanValue(text: string, at: number, depth: number): number {
  if (depth > MAX_DEPTH) return NO;
  switch (text.charCodeAt(at)) {
    case QUOTE:
      return scanString(text, at);
    case OPEN_BRACE:
      return scanObject(text, at, depth);
    case OPEN_BRACKET:
      return scanArray(text, at, depth);
    default:
      return scanScalar(text, at);
  }
}

function scanScalar(text: string, at: number): number {
  for (const word of ["null", "true", "false"]) {
    if (text.startsWith(word, at)) return at + word.length;
  }
  NUMBER.lastIndex = at;
  const token = NUMBER.exec(text)?.[0];
  if (token === undefined) return NO;
  const value = Number(token);
  const held = !Number.isInteger(value) || Number.isSafeInteger(value);
  return held && JSON.stringify(value) === token ? at + token.length : NO;
}

function scanString(text: string, at: number): number {
  let index = at + 1;
  for (;;) {
    const code = text.charCodeAt(index);
    if (code === QUOTE) return index + 1;
    if (code === BACKSLASH) {
      ESCAPE.lastIndex = index;
      const escape = ESCAPE.exec(text)?.[0];
      if (escape === undefined) return NO;
      index += escape.length;
    } else if (code < 0x20 || Number.isNaN(code)) {
      return NO;
    } else if (code >= 0xd800 && code <= 0xdfff) {
      const low = text.charCodeAt(index + 1);
      if (code > 0xdbff || !(low >= 0xdc00 && low <= 0xdfff)) return NO;
      index += 2;
    } else {
      index += 1;
    }
  }
}

function scanArray(text: string, at: number, depth: number): number {
  if (text.charCodeAt(at + 1) === CLOSE_BRACKET) return at + 2;
  let index = at + 1;
  for (;;) {
    index = scanValue(text, index, depth + 1);
    if (index === NO) return NO;
    const next = text.charCodeAt(index);
    if (next === CLOSE_BRACKET) return index + 1;
    if (next !== COMMA) return NO;
    index += 1;
  }
}

function scanObject(text: string, at: number, depth: number): number {
  if (text.charCodeAt(at + 1) === CLOSE_BRACE) return at + 2;
  let index = at + 1;
  let previous: string | null = null;
  for (;;) {
    if (text.charCodeAt(index) !== QUOTE) return NO;
    const end = scanString(text, index);
    if (end === NO || text.charCodeAt(end) !== COLON) return NO;
    const key = keyOf(text.slice(index, end));
    // UTF-16 code units, ascending, none twice.
    if (previous !== null && previous >= key) return NO;
    previous = key;
    index = scanValue(text, end + 1, depth + 1);
    if (index === NO) return NO;
    const next = text.charCodeAt(index);
    if (next === CLOSE_BRACE) return index + 1;
    if (next !== COMMA) return NO;
    index += 1;
  }
}

/** The key itself; only escaped ones need decoding, and their escapes have been checked. */
function keyOf(literal: string): string {
  return literal.includes("\\") ? String(JSON.parse(literal)) : literal.slice(1, -1);
}
