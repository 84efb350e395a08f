import { createReadStream } from "node:fs";
import { pipeline } from "node:stream";
import { createGunzip, createInflate } from "node:zlib";
import { RefusedArtifact } from "#lib/domain/artifact/protobuf-reader.ts";
import type { ByteSource } from "#lib/domain/artifact/types.ts";

export type Inflation = "zlib" | "gzip";

/** What a compressed file may unpack to. Model files are numbers, which compress by a factor of a few. */
export type InflationLimits = { readonly maxBytes: number; readonly maxRatio: number };
export const defaultInflationLimits: InflationLimits = { maxBytes: 4 * 1024 ** 3, maxRatio: 200 };

const FREE_BYTES = 1024 * 1024;

/** The unpacked bytes of a file, chunk by chunk; damage and bombs end it with a refusal. */
export async function* inflate(path: string, kind: Inflation, sizeBytes: number, limits = defaultInflationLimits): AsyncGenerator<Uint8Array> {
  const unpack = kind === "gzip" ? createGunzip() : createInflate();
  const stream = pipeline(createReadStream(path), unpack, () => undefined);
  const most = Math.min(limits.maxBytes, Math.max(FREE_BYTES, sizeBytes * limits.maxRatio));
  let bytes = 0;
  try {
    for await (const chunk of stream as AsyncIterable<Uint8Array>) {
      bytes += chunk.length;
      if (bytes > most) throw bomb(limits);
      yield chunk;
    }
  } catch (error) {
    if (error instanceof RefusedArtifact) throw error;
    const isDamage = error instanceof Error && "code" in error && /^Z_/.test(String(error.code));
    throw isDamage ? damaged(kind) : error;
  } finally {
    stream.destroy();
  }
}

/**
 * The unpacked bytes as a source that is read from front to back. The file is unpacked once to learn its size, before anything is looked at, and once more
 * while it is read; never more than a window is held.
 */
export async function openInflatedSource(path: string, kind: Inflation, sizeBytes: number, limits = defaultInflationLimits): Promise<ByteSource & { close(): Promise<void> }> {
  let size = 0;
  for await (const chunk of inflate(path, kind, sizeBytes, limits)) size += chunk.length;
  const chunks = inflate(path, kind, sizeBytes, limits);
  let held = new Uint8Array(0);
  let heldAt = 0;
  return {
    size,
    async read(offset, length) {
      if (offset < heldAt) throw new Error("an inflated source is read from front to back");
      const wanted = Math.min(length, size - offset);
      const parts: Uint8Array[] = [];
      let missing = wanted;
      // What is behind `offset` is never asked for again.
      const kept = held.subarray(Math.min(held.length, offset - heldAt));
      let at = heldAt + held.length;
      if (kept.length > 0) {
        parts.push(kept);
        missing -= kept.length;
      }
      while (missing > 0) {
        const next = await chunks.next();
        if (next.done === true) break;
        const skip = Math.max(0, Math.min(next.value.length, offset - at));
        at += next.value.length;
        if (skip < next.value.length) {
          parts.push(next.value.subarray(skip));
          missing -= next.value.length - skip;
        }
      }
      held = new Uint8Array(Buffer.concat(parts));
      heldAt = offset;
      return held.subarray(0, wanted);
    },
    async close() {
      await chunks.return(undefined);
    },
  };
}

const bomb = ({ maxBytes, maxRatio }: InflationLimits): RefusedArtifact =>
  new RefusedArtifact({
    code: "artifact_limit_exceeded",
    message: `The file unpacks to more than ${maxRatio} times its size or more than ${maxBytes} bytes: a decompression bomb.`,
    hint: "No dump of a model compresses like that. If this one is honest, upload it without compression.",
    byteOffset: null,
  });

const damaged = (kind: Inflation): RefusedArtifact =>
  new RefusedArtifact({
    code: "artifact_malformed",
    message: `The ${kind} stream is damaged and cannot be unpacked to its end.`,
    hint: "Copy or export the model again and compare sha256.",
    byteOffset: null,
  });
