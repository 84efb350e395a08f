/**
 * MurmurHash3 x86_32 (Austin Appleby, public domain). Chosen because every flag system hashes with it,
 * so an assignment can be recomputed outside Slipway. Not for secrets.
 */

let scratch = new Uint8Array(256);

/** Writes `text` as UTF-8 into the shared buffer and answers its length in bytes. Lone surrogates become U+FFFD. */
function encodeUtf8(text: string): number {
  if (scratch.length < text.length * 3) scratch = new Uint8Array(text.length * 4);
  let at = 0;
  for (let index = 0; index < text.length; index += 1) {
    let point = text.charCodeAt(index);
    if (point < 0x80) {
      scratch[at++] = point;
      continue;
    }
    if (point >= 0xd800 && point <= 0xdfff) {
      const low = text.charCodeAt(index + 1);
      const isPair = point <= 0xdbff && low >= 0xdc00 && low <= 0xdfff;
      point = isPair ? 0x10000 + ((point - 0xd800) << 10) + (low - 0xdc00) : 0xfffd;
      if (isPair) index += 1;
    }
    if (point < 0x800) {
      scratch[at++] = 0xc0 | (point >> 6);
    } else if (point < 0x10000) {
      scratch[at++] = 0xe0 | (point >> 12);
      scratch[at++] = 0x80 | ((point >> 6) & 0x3f);
    } else {
      scratch[at++] = 0xf0 | (point >> 18);
      scratch[at++] = 0x80 | ((point >> 12) & 0x3f);
      scratch[at++] = 0x80 | ((point >> 6) & 0x3f);
    }
    scratch[at++] = 0x80 | (point & 0x3f);
  }
  return at;
}

const mixBlock = (block: number): number => {
  const spread = Math.imul(block, 0xcc9e2d51);
  return Math.imul((spread << 15) | (spread >>> 17), 0x1b873593);
};

/** Unsigned 32-bit hash of `length` bytes. Matches the reference implementation on every platform (little-endian blocks). */
export function murmur3(bytes: Uint8Array, seed = 0, length = bytes.length): number {
  let hash = seed | 0;
  const tail = length & ~3;
  for (let at = 0; at < tail; at += 4) {
    const block =
      (bytes[at] ?? 0) |
      ((bytes[at + 1] ?? 0) << 8) |
      ((bytes[at + 2] ?? 0) << 16) |
      ((bytes[at + 3] ?? 0) << 24);
    hash ^= mixBlock(block);
    hash = (Math.imul((hash << 13) | (hash >>> 19), 5) + 0xe6546b64) | 0;
  }
  let rest = 0;
  for (let at = length - 1; at >= tail; at -= 1) rest = (rest << 8) | (bytes[at] ?? 0);
  if (length > tail) hash ^= mixBlock(rest);
  hash ^= length;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

/** The same over a string's UTF-8 bytes, without allocating once the buffer has grown. */
export function murmur3OfText(text: string, seed = 0): number {
  const length = encodeUtf8(text);
  return murmur3(scratch, seed, length);
}
