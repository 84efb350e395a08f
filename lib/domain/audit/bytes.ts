/** Bytes as the audit log writes them: UTF-8, lower-case hex, and RFC 4648 base64 with one spelling per value. */

export type HashFunction = (bytes: Uint8Array) => Uint8Array;

const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const VALUE_OF = new Map([...ALPHABET].map((letter, value) => [letter, value]));
const encoder = new TextEncoder();

export function utf8(text: string): Uint8Array {
  return encoder.encode(text);
}

export function concatBytes(...parts: readonly Uint8Array[]): Uint8Array {
  let length = 0;
  for (const part of parts) length += part.length;
  const joined = new Uint8Array(length);
  let offset = 0;
  for (const part of parts) {
    joined.set(part, offset);
    offset += part.length;
  }
  return joined;
}

export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i += 1) if (a[i] !== b[i]) return false;
  return true;
}

export function toHex(bytes: Uint8Array): string {
  let text = "";
  for (const byte of bytes) text += byte.toString(16).padStart(2, "0");
  return text;
}

/** `null` when the text is not an even number of lower-case hex digits. */
export function fromHex(text: string): Uint8Array | null {
  if (text.length % 2 !== 0 || !/^[0-9a-f]*$/.test(text)) return null;
  const bytes = new Uint8Array(text.length / 2);
  for (let i = 0; i < bytes.length; i += 1) {
    bytes[i] = Number.parseInt(text.slice(i * 2, i * 2 + 2), 16);
  }
  return bytes;
}

export function toBase64(bytes: Uint8Array): string {
  let text = "";
  for (let i = 0; i < bytes.length; i += 3) {
    const word = ((bytes[i] ?? 0) << 16) | ((bytes[i + 1] ?? 0) << 8) | (bytes[i + 2] ?? 0);
    text += ALPHABET.charAt(word >> 18) + ALPHABET.charAt((word >> 12) & 63);
    text += i + 1 < bytes.length ? ALPHABET.charAt((word >> 6) & 63) : "=";
    text += i + 2 < bytes.length ? ALPHABET.charAt(word & 63) : "=";
  }
  return text;
}

/** Strict: padding required, no white space, unused bits zero. `null` otherwise, so that one value has one spelling. */
export function fromBase64(text: string): Uint8Array | null {
  if (text.length % 4 !== 0) return null;
  const padding = text.endsWith("==") ? 2 : text.endsWith("=") ? 1 : 0;
  const bytes = new Uint8Array((text.length / 4) * 3 - padding);
  for (let i = 0, out = 0; i < text.length; i += 4) {
    const padded = i + 4 === text.length ? padding : 0;
    let word = 0;
    for (let digit = 0; digit < 4; digit += 1) {
      const value = digit >= 4 - padded ? 0 : VALUE_OF.get(text.charAt(i + digit));
      if (value === undefined) return null;
      word = (word << 6) | value;
    }
    if ((padded === 1 && (word & 0xff) !== 0) || (padded === 2 && (word & 0xffff) !== 0))
      return null;
    for (let part = 0; part < 3 - padded; part += 1)
      bytes[out++] = (word >> (16 - 8 * part)) & 0xff;
  }
  return bytes;
}
