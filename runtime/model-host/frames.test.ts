import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { oipDatatypes } from "#lib/domain/artifact/types.ts";
import { allocateData, bytesOf } from "../oip/tensor.ts";
import { createFrameReader, FrameError, frameKinds, jsonFrame } from "./frames.ts";
import {
  decodeRunFrame,
  encodeResultsFrame,
  encodeRunFrame,
  readResultsFrame,
  type RunRequest,
  type RunResult,
} from "./messages.ts";
import type { WireTensor } from "./tensor-bytes.ts";

const SEED = 20_261_123;

const tensor: fc.Arbitrary<WireTensor> = fc
  .record({
    datatype: fc.constantFrom(...oipDatatypes),
    shape: fc.array(fc.integer({ min: 0, max: 4 }), { maxLength: 3 }),
    noise: fc.uint8Array({ minLength: 512, maxLength: 512 }),
    text: fc.string({ unit: "grapheme" }),
  })
  .map(({ datatype, shape, noise, text }) => {
    const count = shape.reduce((product, size) => product * size, 1);
    const data = allocateData(datatype, count);
    if (Array.isArray(data))
      return {
        datatype,
        shape,
        data: data.map((_, index) => text.slice(index)).map((part) => part.toWellFormed()),
      };
    bytesOf(data).set(noise.subarray(0, data.byteLength));
    return { datatype, shape, data };
  });

const request: fc.Arbitrary<RunRequest> = fc.record({
  id: fc.nat(),
  outputs: fc.option(fc.array(fc.nat({ max: 65_535 }), { minLength: 1, maxLength: 3 })),
  inputs: fc.array(tensor, { maxLength: 3 }),
});

const result: fc.Arbitrary<RunResult> = fc.oneof(
  fc.record({
    id: fc.nat(),
    ok: fc.constant(true as const),
    runUs: fc.integer({ min: 0, max: 1 << 20 }),
    outputs: fc.array(tensor, { maxLength: 3 }),
  }),
  fc.record({
    id: fc.nat(),
    ok: fc.constant(false as const),
    isInputFault: fc.boolean(),
    problem: fc.string({ unit: "grapheme-ascii" }),
  }),
);

function framesOf(bytes: Buffer, cuts: readonly number[]): { kind: number; payload: Buffer }[] {
  const seen: { kind: number; payload: Buffer }[] = [];
  const push = createFrameReader((kind, payload) =>
    seen.push({ kind, payload: Buffer.from(payload) }),
  );
  const edges = [
    ...new Set([0, ...cuts.map((cut) => cut % (bytes.length + 1)), bytes.length]),
  ].sort((a, b) => a - b);
  for (let index = 1; index < edges.length; index += 1)
    push(bytes.subarray(edges[index - 1], edges[index]));
  return seen;
}

describe("frames to and from a model host", () => {
  it("arrive whole and in order however the stream is cut", () => {
    fc.assert(
      fc.property(
        fc.array(fc.array(request, { maxLength: 4 }), { minLength: 1, maxLength: 4 }),
        fc.array(fc.nat(), { maxLength: 12 }),
        (batches, cuts) => {
          const bytes = Buffer.concat(
            batches.map((batch, index) => encodeRunFrame(batch, index + 1)),
          );
          const frames = framesOf(bytes, cuts);
          expect(frames.map((frame) => frame.kind)).toEqual(batches.map(() => frameKinds.run));
          expect(frames.map((frame) => decodeRunFrame(frame.payload))).toEqual(
            batches.map((requests, index) => ({ requests, maxRows: index + 1 })),
          );
        },
      ),
      { seed: SEED, numRuns: 200 },
    );
  });

  it("carry results unchanged", () => {
    fc.assert(
      fc.property(fc.array(result, { maxLength: 5 }), (results) => {
        const seen: RunResult[] = [];
        const [frame] = framesOf(encodeResultsFrame(results), []);
        readResultsFrame(frame!.payload, (one) => seen.push(one));
        expect(seen).toEqual(results);
      }),
      { seed: SEED, numRuns: 200 },
    );
  });

  it("are refused, not believed, when a host sends nonsense", () => {
    fc.assert(
      fc.property(
        fc.array(result, { minLength: 1, maxLength: 3 }),
        fc.array(fc.tuple(fc.nat(), fc.nat({ max: 255 })), { minLength: 1, maxLength: 8 }),
        (results, flips) => {
          const frame = encodeResultsFrame(results);
          for (const [at, value] of flips) frame[8 + (at % (frame.length - 8))] = value;
          try {
            readResultsFrame(frame.subarray(8), () => undefined);
          } catch (error) {
            expect(error).toBeInstanceOf(FrameError);
          }
        },
      ),
      { seed: SEED, numRuns: 1000 },
    );
    const push = createFrameReader(() => undefined, 1024);
    const tooLong = jsonFrame(frameKinds.ready, { text: "x".repeat(2000) });
    expect(() => push(tooLong)).toThrow(FrameError);
  });
});
