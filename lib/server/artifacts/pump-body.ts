import type { Writable } from "node:stream";

/** Passes the body on at the parser's pace. Once the parser is gone, what is left is thrown away by `drain`. */
export async function pumpBody(body: AsyncIterable<Uint8Array>, parser: Writable): Promise<void> {
  const iterator = body[Symbol.asyncIterator]();
  for (;;) {
    const next = await iterator.next();
    if (parser.destroyed) {
      if (next.done !== true) await drain(iterator);
      return;
    }
    if (next.done === true) {
      parser.end();
      return;
    }
    if (!parser.write(next.value)) await untilWritable(parser);
  }
}

function untilWritable(parser: Writable): Promise<void> {
  return new Promise((resolve) => {
    const go = (): void => {
      parser.off("drain", go);
      parser.off("close", go);
      resolve();
    };
    parser.on("drain", go);
    parser.on("close", go);
  });
}

const DRAIN_BYTES = 256 * 1024 * 1024;
const DRAIN_MS = 30_000;

/**
 * Reads on after a refusal, so that a sender who only listens when all is sent gets the answer instead of a broken connection.
 * After 256 MiB or 30 s it gives up and closes the body.
 */
async function drain(iterator: AsyncIterator<Uint8Array>): Promise<void> {
  const until = performance.now() + DRAIN_MS;
  let bytes = 0;
  try {
    while (bytes < DRAIN_BYTES && performance.now() < until) {
      const next = await iterator.next();
      if (next.done === true) return;
      bytes += next.value.length;
    }
    await iterator.return?.();
  } catch {
    // The answer is on its way already; that the sender is gone changes nothing.
  }
}
