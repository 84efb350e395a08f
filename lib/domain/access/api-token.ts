/** API tokens: `slp_` + 30 random base62 characters + their CRC-32 in 6 base62 characters. Secret scanners and we can tell a real one from a typo without a database. */

const ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const PREFIX = "slp_";
const RANDOM_CHARS = 30;
const CHECK_CHARS = 6;
const SHAPE = /^slp_[0-9A-Za-z]{36}$/;
/** Characters kept readable for recognising a token in a list: prefix and 6 of 30. */
export const SHOWN_CHARS = PREFIX.length + 6;
/** Enough random bytes that 30 characters come out practically always (each byte serves with 248/256). */
export const RANDOM_BYTES = 64;

/** CRC-32 (IEEE 802.3, reflected, polynomial 0xEDB88320) of ASCII text, as an unsigned number. */
export function crc32(text: string): number {
  let crc = 0xffffffff;
  for (let index = 0; index < text.length; index += 1) {
    crc ^= text.charCodeAt(index) & 0xff;
    for (let bit = 0; bit < 8; bit += 1) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  return (crc ^ 0xffffffff) >>> 0;
}

function base62(value: number, chars: number): string {
  let rest = value;
  let digits = "";
  for (let place = 0; place < chars; place += 1) {
    digits = ALPHABET.charAt(rest % 62) + digits;
    rest = Math.floor(rest / 62);
  }
  return digits;
}

/**
 * A token from random bytes. Bytes of 248 and above are skipped, so that every character is equally likely.
 * Throws RangeError when too few bytes are left; with RANDOM_BYTES that does not happen in practice.
 */
export function makeApiToken(random: Uint8Array): string {
  const body = [...random]
    .filter((byte) => byte < 248)
    .slice(0, RANDOM_CHARS)
    .map((byte) => ALPHABET.charAt(byte % 62))
    .join("");
  if (body.length < RANDOM_CHARS) throw new RangeError("Too few random bytes for a token.");
  return `${PREFIX}${body}${base62(crc32(body), CHECK_CHARS)}`;
}

/** Is it a token by form and checksum? Says nothing about whether it was ever issued. */
export function isApiToken(text: string): boolean {
  if (!SHAPE.test(text)) return false;
  const body = text.slice(PREFIX.length, PREFIX.length + RANDOM_CHARS);
  return text.slice(-CHECK_CHARS) === base62(crc32(body), CHECK_CHARS);
}
