/**
 * Frames between the front process and a model host, over a socket pair: `u32 length | u8 kind | 3 zero bytes | payload`,
 * little-endian, the length counting the 8 bytes of the header. Our own bytes instead of Node's IPC: one write carries many requests, costs less
 * (docs/decisions/0004-model-hosts.md), and a host taken over by a hostile model can send nothing but bounded frames.
 */
export const frameKinds = { load: 1, run: 2, close: 3, ready: 4, failed: 5, results: 6 } as const;
export type FrameKind = (typeof frameKinds)[keyof typeof frameKinds];

export const HEADER_BYTES = 8;
/** Every part of a frame begins at a multiple of this, so that numbers can be viewed where they lie. */
const ALIGNMENT = 8;

/** A length rounded up to where the next part may begin. */
export function padded(length: number): number {
  return (length + ALIGNMENT - 1) & ~(ALIGNMENT - 1);
}

/** No frame is longer; a request near the body cap expands to less than this. */
export const MAX_FRAME_BYTES = 1024 * 1024 * 1024;

/** The peer sent bytes that no honest peer sends. The connection is of no further use. */
export class FrameError extends Error {
  override readonly name = "FrameError";
}

/** A frame of `payloadBytes` with its header written; the payload starts at `HEADER_BYTES`. */
export function allocateFrame(kind: FrameKind, payloadBytes: number): Buffer {
  const frame = Buffer.allocUnsafe(HEADER_BYTES + payloadBytes);
  frame.writeUInt32LE(frame.length, 0);
  frame.writeUInt32LE(kind, 4);
  return frame;
}

/** A frame whose payload is a JSON document. */
export function jsonFrame(kind: FrameKind, document: unknown): Buffer {
  const text = JSON.stringify(document);
  const frame = allocateFrame(kind, padded(Buffer.byteLength(text)));
  // JSON may end in blanks.
  frame.fill(" ", HEADER_BYTES);
  frame.write(text, HEADER_BYTES);
  return frame;
}

type OnFrame = (kind: number, payload: Buffer) => void;

/**
 * Cuts a byte stream into frames. Payloads are views; chunks must not be written to again.
 * Throws `FrameError` on a length that cannot be.
 */
export function createFrameReader(
  onFrame: OnFrame,
  maxBytes = MAX_FRAME_BYTES,
): (chunk: Buffer) => void {
  let waiting: Buffer[] = [];
  let waitingBytes = 0;
  let neededBytes = HEADER_BYTES;

  const lengthAt = (bytes: Buffer, at: number): number => {
    const length = bytes.readUInt32LE(at);
    if (length < HEADER_BYTES || length > maxBytes)
      throw new FrameError(`A frame of ${length} bytes cannot be.`);
    return length;
  };
  /** Hands out all whole frames; answers where the rest begins. */
  const cut = (bytes: Buffer): number => {
    let at = 0;
    neededBytes = HEADER_BYTES;
    while (bytes.length - at >= HEADER_BYTES) {
      const length = lengthAt(bytes, at);
      if (bytes.length - at < length) {
        neededBytes = length;
        break;
      }
      onFrame(bytes.readUInt32LE(at + 4), bytes.subarray(at + HEADER_BYTES, at + length));
      at += length;
    }
    return at;
  };
  return (chunk) => {
    waiting.push(chunk);
    waitingBytes += chunk.length;
    if (waitingBytes < neededBytes) return;
    const bytes = waiting.length === 1 ? chunk : Buffer.concat(waiting, waitingBytes);
    const rest = bytes.subarray(cut(bytes));
    waiting = rest.length > 0 ? [rest] : [];
    waitingBytes = rest.length;
  };
}
