import type { InferAnswer } from "../inference/infer.ts";
import { encodeBinary } from "../oip/binary-tensors.ts";
import type { Tensor } from "../oip/tensor.ts";
import type { Wide } from "./messages.ts";

const wide = (value: bigint, unsigned: boolean): Wide => ({
  low: Number(BigInt.asIntN(32, value)),
  high: Number(BigInt.asIntN(32, value >> 32n)),
  unsigned,
});

/** A number as the library's 64-bit integer. */
export const wideOf = (value: number): Wide => wide(BigInt(Math.trunc(value)), false);

/** A tensor's values in the typed field of its datatype; null for FP16, which has none. */
function contentsOf({ datatype, data }: Tensor): object | null {
  if (Array.isArray(data)) return { bytes_contents: data.map((text) => Buffer.from(text)) };
  if (data instanceof BigInt64Array)
    return { int64_contents: Array.from(data, (value) => wide(value, false)) };
  if (data instanceof BigUint64Array)
    return { uint64_contents: Array.from(data, (value) => wide(value, true)) };
  switch (datatype) {
    case "FP16":
      return null;
    case "BOOL":
      return { bool_contents: Array.from(data, (value) => value !== 0) };
    case "FP32":
      return { fp32_contents: data };
    case "FP64":
      return { fp64_contents: data };
    case "UINT8":
    case "UINT16":
    case "UINT32":
      return { uint_contents: data };
    default:
      return { int_contents: data };
  }
}

/**
 * The answer as a `ModelInferResponse`: raw when the request was raw or an output is FP16, typed otherwise. The protocol allows either
 * for a whole message, not a mixture.
 */
export function encodeGrpcAnswer(
  endpoint: string,
  id: string,
  answer: InferAnswer,
  isRaw: boolean,
): object {
  const asRaw = isRaw || answer.outputs.some(({ datatype }) => datatype === "FP16");
  const parameters: Record<string, object> = {};
  if (answer.predictionId !== null)
    parameters["slipway_prediction_id"] = { string_param: answer.predictionId };
  if (answer.isNonFinite) parameters["slipway_non_finite"] = { bool_param: true };
  return {
    model_name: endpoint,
    model_version: answer.version.versionName,
    id,
    parameters,
    outputs: answer.outputs.map((output) => ({
      name: output.name,
      datatype: output.datatype,
      shape: output.shape.map(wideOf),
      ...(asRaw ? {} : { contents: contentsOf(output) }),
    })),
    raw_output_contents: asRaw ? answer.outputs.map(encodeBinary) : [],
  };
}
