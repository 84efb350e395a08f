import { goldenCase } from "#lib/contracts/registry-api.ts";
import { z } from "zod";
import { decodeInputs } from "../oip/decode-inputs.ts";
import { decodeValues } from "../oip/decode-values.ts";
import { halfToNumber } from "#lib/domain/contract/half-float.ts";
import { isObject, readInferBody } from "../oip/parse-body.ts";
import type { SignatureSpec } from "../oip/signature-spec.ts";
import { elementCount, type Tensor } from "../oip/tensor.ts";
import type { InferOutcome } from "../model-host/slot.ts";

const GOLDEN = z.array(goldenCase).max(1024);
/** Far above what a golden case can hold; JSON documents from the control plane are bounded there. */
const MAX_VALUES = 16_000_000;

export type GoldenCase = z.output<typeof goldenCase>;

/** One input with the answer that every runtime must repeat. Throws when the list is not one of golden cases. */
export function parseGolden(golden: readonly unknown[]): GoldenCase[] {
  return GOLDEN.parse(golden);
}

/** Input tensors of an Open Inference Protocol request body. Throws `InferenceError` 400. */
export function tensorsOf(spec: SignatureSpec, request: unknown): Tensor[] {
  return decodeInputs(spec, readInferBody(request, MAX_VALUES));
}

export type Values = Pick<Tensor, "datatype" | "shape" | "data">;

const numberAt = ({ data, datatype }: Values, index: number): number | bigint | string => {
  const value = data[index];
  if (datatype === "FP16" && typeof value === "number") return halfToNumber(value);
  return value ?? Number.NaN;
};

/** Whether two values agree: exactly, or for floats within `tolerance`, taken relative above 1. */
function agree(
  found: number | bigint | string,
  expected: number | bigint | string,
  tolerance: number,
): boolean {
  if (found === expected || Object.is(found, expected)) return true;
  if (typeof found !== "number" || typeof expected !== "number") return false;
  return Math.abs(found - expected) <= tolerance * Math.max(1, Math.abs(expected));
}

/** How the found output differs from the expected one, in words; null when it does not. */
export function compareOutput(
  found: Values,
  expected: Values,
  tolerance: number,
  name: string,
): string | null {
  if (found.datatype !== expected.datatype)
    return `Output ${name} has datatype ${found.datatype} instead of ${expected.datatype}.`;
  if (found.shape.join() !== expected.shape.join()) {
    return `Output ${name} has shape [${found.shape.join(", ")}] instead of [${expected.shape.join(", ")}].`;
  }
  for (let index = 0; index < expected.data.length; index += 1) {
    const [a, b] = [numberAt(found, index), numberAt(expected, index)];
    const within = expected.datatype.startsWith("FP") ? tolerance : 0;
    if (!agree(a, b, within))
      return `Output ${name} differs at value ${index}: ${String(a)} instead of ${String(b)}.`;
  }
  return null;
}

/** What keeps an answer from being the golden one; null when it is, for every output that the golden answer names. */
export function goldenProblem(
  spec: SignatureSpec,
  golden: GoldenCase,
  outcome: InferOutcome,
): string | null {
  if (!outcome.ok) return outcome.error.message;
  const { outputs } = golden.response;
  if (!Array.isArray(outputs) || outputs.length === 0) return "The golden answer names no output.";
  for (const expected of outputs) {
    if (
      !isObject(expected) ||
      typeof expected["name"] !== "string" ||
      !Array.isArray(expected["shape"]) ||
      !Array.isArray(expected["data"])
    ) {
      return "The golden answer is not an Open Inference Protocol response.";
    }
    const index = spec.outputIndex.get(expected["name"]);
    const signature = index === undefined ? undefined : spec.outputs[index];
    const found = index === undefined ? undefined : outcome.outputs[index];
    const name = JSON.stringify(expected["name"]);
    if (signature === undefined || found === undefined) return `The model has no output ${name}.`;
    const shape: number[] = expected["shape"].map(Number);
    const values = decodeValues(
      signature.datatype,
      expected["data"],
      shape,
      elementCount(shape),
      name,
    );
    const problem = compareOutput(
      found,
      { datatype: signature.datatype, shape, data: values.data },
      golden.tolerance,
      name,
    );
    if (problem !== null) return problem;
  }
  return null;
}
