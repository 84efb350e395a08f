import { inspectOnnx, type OnnxInspectionOptions } from "./inspect-onnx.ts";
import { refuseFormat, SNIFF_BYTES, sniffFormat } from "./sniff-format.ts";
import type { ByteSource, InspectionResult } from "./types.ts";

/** Tells by content what a model file is and inspects it, or says why that is not possible. Throws only what `source.read` throws. */
export async function inspectModelFile(
  source: ByteSource,
  options: OnnxInspectionOptions = {},
): Promise<InspectionResult> {
  const head = await source.read(0, Math.min(SNIFF_BYTES, source.size));
  const refusal = refuseFormat(sniffFormat(head, source.size));
  return refusal === null ? inspectOnnx(source, options) : { ok: false, refusal };
}
