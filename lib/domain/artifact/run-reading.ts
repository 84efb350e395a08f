import { RefusedArtifact, type Reading } from "./protobuf-reader.ts";
import type { ArtifactRefusal, ByteSource } from "./types.ts";

export type ReadingResult<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly refusal: ArtifactRefusal };

/** Drives a reading over a source. Refusals come back as values; only the source's own errors and bugs are thrown. */
export async function runReading<T>(
  reading: Reading<T>,
  source: ByteSource,
): Promise<ReadingResult<T>> {
  try {
    let step = reading.next();
    while (step.done !== true) {
      const bytes = source.read(step.value.offset, step.value.length);
      step = reading.next(bytes instanceof Uint8Array ? bytes : await bytes);
    }
    return { ok: true, value: step.value };
  } catch (error) {
    if (error instanceof RefusedArtifact) return { ok: false, refusal: error.refusal };
    throw error;
  }
}

/** `runReading` over bytes in memory, synchronously. */
export function runReadingOnBytes<T>(reading: Reading<T>, bytes: Uint8Array): ReadingResult<T> {
  try {
    let step = reading.next();
    while (step.done !== true) {
      const { offset, length } = step.value;
      step = reading.next(bytes.subarray(offset, offset + length));
    }
    return { ok: true, value: step.value };
  } catch (error) {
    if (error instanceof RefusedArtifact) return { ok: false, refusal: error.refusal };
    throw error;
  }
}
