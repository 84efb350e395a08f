import type { InferAnswer } from "../inference/infer.ts";
import { encodeOutput } from "../oip/encode-outputs.ts";
import type { HeaderList } from "./answer.ts";

/** The Open Inference Protocol response, as JSON text. */
export function inferResponseText(
  endpoint: string,
  id: string | null,
  answer: InferAnswer,
): string {
  const { version, outputs, outputIndexes, predictionId, isNonFinite } = answer;
  let text = `{"model_name":${JSON.stringify(endpoint)},"model_version":${JSON.stringify(version.versionName)}`;
  if (id !== null) text += `,"id":${JSON.stringify(id)}`;
  if (predictionId !== null) {
    text += `,"parameters":{"slipway_prediction_id":"${predictionId}"${isNonFinite ? ',"slipway_non_finite":true' : ""}}`;
  }
  text += ',"outputs":[';
  for (let position = 0; position < outputs.length; position += 1) {
    const output = outputs[position];
    const prefix =
      version.outputPrefixes[outputIndexes === null ? position : (outputIndexes[position] ?? -1)];
    if (output === undefined || prefix === undefined) continue;
    if (position > 0) text += ",";
    text += encodeOutput(prefix, output);
  }
  return `${text}]}`;
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
