import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { oipDatatypes, type ModelSignature, type OipDatatype } from "#lib/domain/artifact/types.ts";
import { encodeBinary } from "./binary-tensors.ts";
import { decodeInputs, wantsBinary } from "./decode-inputs.ts";
import { InferenceError } from "./inference-error.ts";
import { parseInferBody } from "./parse-body.ts";
import { compileSignature } from "./signature-spec.ts";
import { allocateData, bytesOf } from "./tensor.ts";

const SEED = 20_261_123;

function signatureOf(datatype: OipDatatype, shape: readonly number[]): ModelSignature {
  const tensor = { name: "x", datatype, shape, dimNames: shape.map(() => null) };
  return { inputs: [tensor], outputs: [{ ...tensor, name: "y" }] };
}

/** A request as tritonclient sends it: JSON, then the tensors. `padding` blanks move the binary part to any alignment. */
function binaryBody(
  datatype: string,
  shape: readonly number[],
  bytes: Buffer,
  padding = 0,
): { body: Buffer; jsonBytes: number } {
  const document = {
    inputs: [{ name: "x", datatype, shape, parameters: { binary_data_size: bytes.length } }],
    parameters: { binary_data_output: true },
  };
  const json = Buffer.from(JSON.stringify(document) + " ".repeat(padding));
  return { body: Buffer.concat([json, bytes]), jsonBytes: json.length };
}

const refusalOf = (signature: ModelSignature, body: Buffer, jsonBytes: number): string => {
  try {
    decodeInputs(compileSignature(signature), parseInferBody(body, false, jsonBytes));
    return "accepted";
  } catch (error) {
    if (error instanceof InferenceError && error.status === 400) return error.message;
    throw error;
  }
};

describe("binary tensors", () => {
  it.each(oipDatatypes)(
    "%s is read as it was written, wherever the JSON before it ends",
    (datatype) => {
      fc.assert(
        fc.property(
          fc.uint8Array({ minLength: 48, maxLength: 48 }),
          fc.string({ unit: "grapheme" }),
          fc.nat({ max: 16 }),
          (noise, text, padding) => {
            const data = allocateData(datatype, 6);
            if (Array.isArray(data)) data.fill(text.replaceAll("\0", ""));
            else
              bytesOf(data).set(
                noise
                  .subarray(0, data.byteLength)
                  .map((byte) => (datatype === "BOOL" ? byte % 2 : byte)),
              );
            const sent = encodeBinary({ name: "x", datatype, shape: [3, 2], data, nulls: null });
            const { body, jsonBytes } = binaryBody(datatype, [3, 2], sent, padding);
            const request = parseInferBody(body, false, jsonBytes);
            const [tensor] = decodeInputs(
              compileSignature(signatureOf(datatype, [-1, 2])),
              request,
            );
            expect(tensor).toEqual({ name: "x", datatype, shape: [3, 2], data, nulls: null });
            expect(encodeBinary(tensor!)).toEqual(sent);
            expect(wantsBinary(request, "y")).toBe(true);
          },
        ),
        { seed: SEED, numRuns: 60 },
      );
    },
  );

  it("takes a body that is nothing but one tensor", () => {
    const bytes = Buffer.from(bytesOf(Float32Array.of(1, 2, 3, 4)));
    const decode = (shape: readonly number[]) =>
      decodeInputs(compileSignature(signatureOf("FP32", shape)), parseInferBody(bytes, false, 0));
    expect(decode([-1, 4])[0]).toMatchObject({ shape: [1, 4], data: Float32Array.of(1, 2, 3, 4) });
    expect(decode([-1, -1])[0]).toMatchObject({ shape: [1, 4] });
    expect(decode([2, 2])[0]).toMatchObject({ shape: [2, 2] });
    expect(refusalOf(signatureOf("FP32", [-1, 3]), bytes, 0)).toContain("are not one row");
    expect(refusalOf(signatureOf("FP32", [-1, -1, -1]), bytes, 0)).toContain(
      "at most one free size",
    );
  });

  it.each([
    ["a header beyond the body", 10_000, 8, "not the length of a part"],
    ["a header that is no number", Number.NaN, 8, "not the length of a part"],
    ["fewer bytes than announced", null, 4, "more binary data than the body holds"],
    ["more bytes than announced", null, 16, "holds more binary data than its inputs announce"],
  ] as const)("refuses %s", (_what, header, present, message) => {
    const { body, jsonBytes } = binaryBody("FP32", [1, 2], Buffer.alloc(8));
    const sized = Buffer.concat([body.subarray(0, jsonBytes), Buffer.alloc(present)]);
    expect(refusalOf(signatureOf("FP32", [-1, 2]), sized, header ?? jsonBytes)).toContain(message);
  });

  it("refuses data that does not fit its shape, strings that run out, and bytes that are no text", () => {
    const check = (datatype: OipDatatype, bytes: Buffer) => {
      const { body, jsonBytes } = binaryBody(datatype, [1, 2], bytes);
      return refusalOf(signatureOf(datatype, [-1, 2]), body, jsonBytes);
    };
    expect(check("FP32", Buffer.alloc(12))).toContain(
      "has 12 bytes of binary data; its shape holds 2 values of 4",
    );
    expect(check("BOOL", Buffer.from([1, 2]))).toContain("bytes 0 and 1 only");
    expect(check("BYTES", Buffer.from([1, 0, 0, 0]))).toContain("ends within a string");
    expect(check("BYTES", Buffer.from([1, 0, 0, 0, 0xff, 0, 0, 0, 0]))).toContain("Unicode text");
    expect(check("BYTES", Buffer.from([0, 0, 0, 0, 0, 0, 0, 0, 1]))).toContain(
      "holds more than its 2 strings",
    );
    const json =
      '{"inputs":[{"name":"x","datatype":"FP32","shape":[1,2],"parameters":{"binary_data_size":8}}]}';
    expect(refusalOf(signatureOf("FP32", [-1, 2]), Buffer.from(json), json.length)).toContain(
      "more binary data than the body holds",
    );
    expect(() =>
      decodeInputs(
        compileSignature(signatureOf("FP32", [-1, 2])),
        parseInferBody(Buffer.from(json), false),
      ),
    ).toThrow("header Inference-Header-Content-Length is missing");
  });

  it("lets each output say for itself", () => {
    const request = parseInferBody(
      Buffer.from(
        '{"inputs":[],"outputs":[{"name":"a","parameters":{"binary_data":false}},{"name":"b"}],"parameters":{"binary_data_output":true}}',
      ),
      false,
    );
    expect([wantsBinary(request, "a"), wantsBinary(request, "b")]).toEqual([false, true]);
  });
});
