import type { InferAnswer } from "../inference/infer.ts";
import { encodeBinary } from "../oip/binary-tensors.ts";
import { encodeOutput } from "../oip/encode-outputs.ts";
import type { HeaderList } from "./answer.ts";

/** Everything of a response before its outputs. */
function responseHead(endpoint: string, id: string | null, answer: InferAnswer): string {
  const { version, predictionId, isNonFinite } = answer;
  let text = `{"model_name":${JSON.stringify(endpoint)},"model_version":${JSON.stringify(version.versionName)}`;
  if (id !== null) text += `,"id":${JSON.stringify(id)}`;
  if (predictionId !== null) {
    text += `,"parameters":{"slipway_prediction_id":"${predictionId}"${isNonFinite ? ',"slipway_non_finite":true' : ""}}`;
  }
  return `${text},"outputs":[`;
}

const prefixOf = ({ version, outputIndexes }: InferAnswer, position: number): string =>
  version.outputPrefixes[outputIndexes === null ? position : (outputIndexes[position] ?? -1)] ?? "";

/** The Open Inference Protocol response, as JSON text. */
export function inferResponseText(
  endpoint: string,
  id: string | null,
  answer: InferAnswer,
): string {
  let text = responseHead(endpoint, id, answer);
  answer.outputs.forEach((output, position) => {
    text += (position > 0 ? "," : "") + encodeOutput(prefixOf(answer, position), output);
  });
  return `${text}]}`;
}

/** The same with some outputs as bytes after the JSON, whose length is the second answer. */
export function inferResponseBytes(
  endpoint: string,
  id: string | null,
  answer: InferAnswer,
  isBinary: (name: string) => boolean,
): { readonly body: Buffer; readonly jsonBytes: number } {
  let text = responseHead(endpoint, id, answer);
  const binary: Buffer[] = [];
  answer.outputs.forEach((output, position) => {
    if (position > 0) text += ",";
    if (!isBinary(output.name)) {
      text += encodeOutput(prefixOf(answer, position), output);
      return;
    }
    const bytes = encodeBinary(output);
    binary.push(bytes);
    text += `${prefixOf(answer, position)}${output.shape.join(",")}],"parameters":{"binary_data_size":${bytes.length}}}`;
  });
  const json = Buffer.from(`${text}]}`);
  return { body: Buffer.concat([json, ...binary]), jsonBytes: json.length };
}

/** Which version answered, in which part, under which epoch, and the id by which its label can be reported. */
export function answerHeaders(answer: InferAnswer): HeaderList {
  const { version, arm, epoch, predictionId } = answer;
  const headers = [
    "slipway-version",
    version.versionName,
    "slipway-arm",
    arm,
    "slipway-epoch",
    String(epoch),
  ];
  if (predictionId !== null) headers.push("slipway-prediction-id", predictionId);
  return headers;
}
