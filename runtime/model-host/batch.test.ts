import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { joinInputs, planBatches, splitOutputs } from "./batch.ts";
import type { RunRequest } from "./messages.ts";

const SEED = 20_261_123;

const request: fc.Arbitrary<Omit<RunRequest, "id">> = fc
  .record({
    rows: fc.integer({ min: 1, max: 20 }),
    width: fc.constantFrom(1, 2),
    datatype: fc.constantFrom("FP32" as const, "BYTES" as const),
    outputs: fc.constantFrom(null, [0]),
  })
  .map(({ rows, width, datatype, outputs }) => {
    const count = rows * width;
    const data =
      datatype === "FP32"
        ? Float32Array.from({ length: count }, (_, index) => index + rows)
        : Array.from({ length: count }, (_, index) => `${index} of ${rows}`);
    return { outputs, inputs: [{ datatype, shape: [rows, width], data }] };
  });

describe("a batch", () => {
  it("holds every request once and in order, only ones that are alike, and never more rows than allowed", () => {
    fc.assert(
      fc.property(fc.array(request, { maxLength: 20 }), (bare) => {
        const requests = bare.map((one, id) => ({ ...one, id }));
        const batches = planBatches(requests, 64);
        expect(batches.flatMap((batch) => batch.requests)).toEqual(requests);
        for (const { requests: members, rows } of batches) {
          const kinds = new Set(
            members.map(({ inputs, outputs }) =>
              [inputs[0]?.datatype, inputs[0]?.shape[1], outputs].join(" "),
            ),
          );
          expect(kinds.size).toBe(1);
          expect(rows.reduce((sum, count) => sum + count, 0)).toBeLessThanOrEqual(64);
        }
      }),
      { seed: SEED, numRuns: 300 },
    );
  });

  it("joined and split again is what each request brought", () => {
    fc.assert(
      fc.property(fc.array(request, { minLength: 1, maxLength: 12 }), (bare) => {
        for (const batch of planBatches(
          bare.map((one, id) => ({ ...one, id })),
          64,
        )) {
          const parts = splitOutputs(joinInputs(batch), batch.rows);
          expect(parts).toEqual(batch.requests.map(({ inputs }) => inputs));
        }
      }),
      { seed: SEED, numRuns: 200 },
    );
  });

  it("whose output has another number of rows is not split", () => {
    expect(
      splitOutputs([{ datatype: "FP32", shape: [1], data: Float32Array.of(1) }], [1, 1]),
    ).toBeNull();
  });
});
