import {
  expectWire,
  fillWindow,
  malformed,
  overLimit,
  wireType,
  type Reading,
  type Walk,
} from "./protobuf-reader.ts";

const decoder = new TextDecoder("utf-8", { fatal: false, ignoreBOM: true });
const strictDecoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

function chargeText(walk: Walk, bytes: number): void {
  walk.textBytesLeft -= bytes;
  if (walk.textBytesLeft < 0) {
    throw overLimit(walk, `more than ${walk.limits.maxTextBytesTotal} bytes of names and texts`);
  }
}

/** A name: whole, valid UTF-8, at most `maxTextBytes`. */
export function* readName(walk: Walk, name: string): Reading<string> {
  expectWire(walk, wireType.bytes, name);
  const length = walk.payloadEnd - walk.at;
  if (length > walk.limits.maxTextBytes) {
    throw overLimit(
      walk,
      `${name} of ${length} bytes; at most ${walk.limits.maxTextBytes} are read`,
    );
  }
  chargeText(walk, length);
  yield* fillWindow(walk, length);
  const from = walk.at - walk.windowStart;
  walk.at = walk.payloadEnd;
  let text: string;
  try {
    text = strictDecoder.decode(walk.window.subarray(from, from + length));
  } catch {
    throw malformed(walk, `${name} is not valid UTF-8`);
  }
  if (text.includes("\0")) throw malformed(walk, `${name} contains a NUL character`);
  return text;
}

/** A text for people: at most its first `maxBytes`, undecodable bytes and NUL replaced, the rest skipped. */
export function* readTextStart(walk: Walk, name: string, maxBytes: number): Reading<string> {
  expectWire(walk, wireType.bytes, name);
  const length = Math.min(walk.payloadEnd - walk.at, maxBytes);
  chargeText(walk, length);
  yield* fillWindow(walk, length);
  const from = walk.at - walk.windowStart;
  walk.at = walk.payloadEnd;
  return decoder.decode(walk.window.subarray(from, from + length)).replaceAll("\0", "\ufffd");
}

/** How many varints a packed field holds. */
export function* countPackedVarints(walk: Walk): Reading<number> {
  const end = walk.payloadEnd;
  let count = 0;
  while (walk.at < end) {
    yield* fillWindow(walk, 1);
    const from = walk.at - walk.windowStart;
    const to = Math.min(end - walk.windowStart, walk.window.length);
    for (let index = from; index < to; index += 1) {
      if ((walk.window[index] ?? 0) < 0x80) count += 1;
    }
    walk.at = walk.windowStart + to;
  }
  return count;
}
