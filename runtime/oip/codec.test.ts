import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { oipDatatypes, type ModelSignature, type OipDatatype } from "#lib/domain/artifact/types.ts";
import { decodeInputs, decodeRequestedOutputs } from "./decode-inputs.ts";
import { encodeOutput, outputPrefix } from "./encode-outputs.ts";
import { InferenceError } from "./inference-error.ts";
import { parseInferBody } from "./parse-body.ts";
import { compileSignature } from "./signature-spec.ts";

const SEED = 20_261_123;

function signatureOf(datatype: OipDatatype, shape: readonly number[]): ModelSignature {
  const tensor = {
    name: "x",
    datatype,
    shape,
    dimNames: shape.map((size) => (size === -1 ? "N" : null)),
  };
  return { inputs: [tensor], outputs: [{ ...tensor, name: "y" }] };
}

function decode(signature: ModelSignature, document: string) {
  const spec = compileSignature(signature);
  return decodeInputs(spec, parseInferBody(Buffer.from(document), spec.hasWideIntegers));
}

const bodyOf = (datatype: string, shape: readonly number[], data: string) =>
  `{"inputs":[{"name":"x","datatype":"${datatype}","shape":[${shape.join(",")}],"data":${data}}]}`;

const refusalOf = (signature: ModelSignature, document: string): string => {
  try {
    decode(signature, document);
  } catch (error) {
    if (error instanceof InferenceError && error.status === 400) return error.message;
    throw error;
  }
  return "accepted";
};

const valuesFor: Readonly<Record<OipDatatype, fc.Arbitrary<string>>> = {
  BOOL: fc.boolean().map(String),
  UINT8: fc.integer({ min: 0, max: 255 }).map(String),
  UINT16: fc.integer({ min: 0, max: 65_535 }).map(String),
  UINT32: fc.integer({ min: 0, max: 4_294_967_295 }).map(String),
  UINT64: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }).map(String),
  INT8: fc.integer({ min: -128, max: 127 }).map(String),
  INT16: fc.integer({ min: -32_768, max: 32_767 }).map(String),
  INT32: fc.integer({ min: -2_147_483_648, max: 2_147_483_647 }).map(String),
  INT64: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map(String),
  FP16: fc.integer({ min: -2048, max: 2048 }).map(String),
  FP32: fc.float({ noNaN: true, noDefaultInfinity: true }).map((value) => JSON.stringify(value)),
  FP64: fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => JSON.stringify(value)),
  BYTES: fc
    .string({ unit: "grapheme" })
    .filter((text) => !text.includes("\0"))
    .map((text) => JSON.stringify(text)),
};

describe("JSON tensors", () => {
  it.each(oipDatatypes)(
    "%s comes back out with every digit it came in with, flat or nested",
    (datatype) => {
      fc.assert(
        fc.property(
          fc.array(fc.tuple(valuesFor[datatype], valuesFor[datatype]), {
            minLength: 1,
            maxLength: 8,
          }),
          (rows) => {
            const flat = `[${rows.flat().join(",")}]`;
            const nested = `[${rows.map((row) => `[${row.join(",")}]`).join(",")}]`;
            const signature = signatureOf(datatype, [-1, 2]);
            for (const data of [flat, nested]) {
              const [tensor] = decode(signature, bodyOf(datatype, [rows.length, 2], data));
              const text = encodeOutput(outputPrefix("x", datatype), tensor!);
              const answered = JSON.parse(text.replace(/"data":\[.*/s, '"data":[]}'));
              expect(answered).toEqual({ name: "x", datatype, shape: [rows.length, 2], data: [] });
              const digits = text.slice(text.indexOf('"data":') + 7, -1);
              if (datatype.startsWith("FP"))
                expect(JSON.parse(digits)).toEqual(
                  JSON.parse(flat).map((value: number) => value + 0 || value),
                );
              else expect(digits).toBe(flat);
            }
          },
        ),
        { seed: SEED, numRuns: 60 },
      );
    },
  );

  it("keeps integers beyond 2^53", () => {
    const [tensor] = decode(
      signatureOf("INT64", [-1]),
      bodyOf("INT64", [2], "[9007199254740993,-9223372036854775808]"),
    );
    expect(tensor?.data).toEqual(BigInt64Array.of(9_007_199_254_740_993n, -(2n ** 63n)));
  });

  it("turns null into NaN for floats, the empty string for text, a mark for integers", () => {
    expect(decode(signatureOf("FP32", [3]), bodyOf("FP32", [3], "[1,null,2]"))[0]?.data).toEqual(
      Float32Array.of(1, NaN, 2),
    );
    expect(decode(signatureOf("BYTES", [2]), bodyOf("BYTES", [2], '["a",null]'))[0]?.data).toEqual([
      "a",
      "",
    ]);
    expect(decode(signatureOf("INT32", [2]), bodyOf("INT32", [2], "[7,null]"))[0]).toMatchObject({
      data: Int32Array.of(7, 0),
      nulls: Uint8Array.of(0, 1),
    });
  });

  it.each([
    [
      "FP32",
      [1, 2],
      bodyOf("FP32", [1, 2], "[1]"),
      'Input "x" has 1 values; its shape [1, 2] holds 2.',
    ],
    ["FP32", [1, 2], bodyOf("FP32", [1, 2], "[[1],[2]]"), "is nested, but not as its shape"],
    ["FP32", [1, 2], bodyOf("FP32", [2], "[1,2]"), "the model expects [1, 2]"],
    ["FP32", [-1, 2], bodyOf("FP32", [-1, 2], "[1,2]"), "whole numbers of at least 0"],
    [
      "FP32",
      [-1, 2],
      bodyOf("FP32", [4503599627370496, 2], "[1,2]"),
      "not a list of sizes that can be multiplied",
    ],
    ["FP32", [-1, 2], bodyOf("FP32", [1e9, 2], "[1,2]"), "more values than its data can hold"],
    ["FP32", [-1, 2], bodyOf("FP32", [0, 2], "[]"), "holds no value"],
    ["FP32", [1], bodyOf("FP64", [1], "[1]"), 'has datatype "FP64"; the model expects "FP32"'],
    ["FP32", [1], bodyOf("FP32", [1], "[1e39]"), "beyond the range"],
    ["FP16", [1], bodyOf("FP16", [1], "[65520]"), "beyond the range of FP16"],
    ["FP64", [1], bodyOf("FP64", [1], "[1e400]"), "beyond the range"],
    ["FP32", [1], bodyOf("FP32", [1], '["1"]'), "numbers only"],
    ["INT8", [1], bodyOf("INT8", [1], "[128]"), "from -128 to 127"],
    [
      "UINT64",
      [1],
      bodyOf("UINT64", [1], "[18446744073709551616]"),
      "from 0 to 18446744073709551615",
    ],
    ["INT64", [1], bodyOf("INT64", [1], "[1.5]"), "whole numbers"],
    ["BOOL", [1], bodyOf("BOOL", [1], "[2]"), "true or false"],
    ["BYTES", [1], bodyOf("BYTES", [1], '["\\ud800"]'), "Unicode text"],
    ["FP32", [1], '{"inputs":[]}', 'Input "x" is missing'],
    ["FP32", [1], '{"inputs":[{"name":"z"}]}', 'no input "z"'],
    ["FP32", [1], "[]", "should be a JSON object"],
    ["FP32", [1], '{"inputs":{}}', "inputs should be a list"],
    ["FP32", [1], '{"id":7,"inputs":[]}', "id should be a string"],
    ["FP32", [1], "", "The body is empty"],
    ["FP32", [1], "{", "The body is not JSON"],
    ["FP32", [1], '{"inputs":[NaN]}', "The body is not JSON"],
  ] as const)(
    "refuses what the model cannot take: %s %j %s",
    (datatype, shape, document, message) => {
      expect(refusalOf(signatureOf(datatype, shape), document)).toContain(message);
    },
  );

  it("refuses bodies that would blow up in memory, and only those", () => {
    const signature = signatureOf("FP32", [-1, 1]);
    const deep = `{"inputs":${"[".repeat(200_000)}${"]".repeat(200_000)}}`;
    expect(refusalOf(signature, deep)).toContain("levels deep");
    expect(
      refusalOf(
        signatureOf("INT64", [1]),
        `{"n":1234567890123456,"inputs":${"[".repeat(30_000)}${"]".repeat(30_000)}}`,
      ),
    ).toMatch(/nested too deep|has no|Each input/);
    const wide = `{"inputs":[${"[],".repeat(1_100_000)}[]]}`;
    expect(refusalOf(signature, wide)).toContain("too many arrays");
    const rows = 20_000;
    expect(
      refusalOf(signature, bodyOf("FP32", [rows, 1], `[${"[0.5],".repeat(rows - 1)}[0.5]]`)),
    ).toBe("accepted");
  });

  it("refuses inputs that disagree about the batch", () => {
    const column = (name: string) => ({
      name,
      datatype: "FP32" as const,
      shape: [-1, 1],
      dimNames: ["N", null],
    });
    const signature: ModelSignature = {
      inputs: [column("a"), column("b")],
      outputs: [column("y")],
    };
    const tensor = (name: string, rows: number) =>
      `{"name":"${name}","datatype":"FP32","shape":[${rows},1],"data":[${Array(rows).fill(1).join(",")}]}`;
    expect(refusalOf(signature, `{"inputs":[${tensor("a", 2)},${tensor("b", 2)}]}`)).toBe(
      "accepted",
    );
    expect(refusalOf(signature, `{"inputs":[${tensor("a", 2)},${tensor("b", 3)}]}`)).toContain(
      'Dimension "N" is 2 in input "a" and 3 in input "b"',
    );
    expect(refusalOf(signature, `{"inputs":[${tensor("a", 2)},${tensor("a", 2)}]}`)).toContain(
      "given twice",
    );
  });

  it("answers the outputs asked for and refuses unknown ones", () => {
    const spec = compileSignature(signatureOf("FP32", [1]));
    expect(decodeRequestedOutputs(spec, null)).toBeNull();
    expect(decodeRequestedOutputs(spec, [{ name: "y" }])).toEqual([0]);
    expect(() => decodeRequestedOutputs(spec, [{ name: "x" }])).toThrow("no output");
    expect(() => decodeRequestedOutputs(spec, [{ name: "y" }, { name: "y" }])).toThrow("twice");
  });

  it("never fails with anything but a refusal, whatever JSON comes", () => {
    const spec = compileSignature(signatureOf("INT64", [-1, 2]));
    const shaped = fc.record(
      {
        name: fc.constantFrom("x", "y", "__proto__"),
        datatype: fc.constantFrom("INT64", "FP32", "toString"),
        shape: fc.jsonValue(),
        data: fc.jsonValue(),
      },
      { requiredKeys: [] },
    );
    const document = fc.oneof(
      fc.jsonValue(),
      fc.record(
        {
          inputs: fc.array(fc.oneof(shaped, fc.jsonValue())),
          outputs: fc.jsonValue(),
          id: fc.jsonValue(),
          parameters: fc.jsonValue(),
        },
        { requiredKeys: [] },
      ),
    );
    fc.assert(
      fc.property(document, (value) => {
        try {
          const body = parseInferBody(Buffer.from(JSON.stringify(value)), true);
          decodeInputs(spec, body);
          decodeRequestedOutputs(spec, body.outputs);
        } catch (error) {
          expect(error).toBeInstanceOf(InferenceError);
        }
      }),
      { seed: SEED, numRuns: 1500 },
    );
  });
});
