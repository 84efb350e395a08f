import { datatypeOfElement } from "./onnx-element-types.ts";
import type { ModelSignature, OnnxInspection, OnnxValue, TensorSignature } from "./types.ts";

/**
 * The public signature of an inspected model: Open Inference Protocol datatypes, -1 for free sizes.
 * Null when something cannot be expressed in it; the inspection then carries a blocking finding that says what.
 * An output without declared shape becomes `[-1]`: the runtime reports the true shape with each answer.
 */
export function deriveSignature(inspection: OnnxInspection): ModelSignature | null {
  const inputs = tensorsOf(inspection.inputs, null);
  const outputs = tensorsOf(inspection.outputs, [-1]);
  if (inputs === null || outputs === null || inputs.length === 0 || outputs.length === 0)
    return null;
  return { inputs, outputs };
}

function tensorsOf(
  values: readonly OnnxValue[],
  shapeWhenUndeclared: readonly number[] | null,
): readonly TensorSignature[] | null {
  const tensors: TensorSignature[] = [];
  const names = new Set<string>();
  for (const value of values) {
    const datatype = value.elementType === null ? null : datatypeOfElement(value.elementType);
    const shape =
      value.dims?.map((dim) => (dim.kind === "fixed" ? dim.size : -1)) ?? shapeWhenUndeclared;
    const isUsable = value.name !== "" && value.name.length <= 512 && !names.has(value.name);
    if (
      value.kind !== "tensor" ||
      datatype === null ||
      shape === null ||
      shape.length > 16 ||
      !isUsable
    ) {
      return null;
    }
    names.add(value.name);
    const dimNames =
      value.dims?.map((dim) => (dim.kind === "free" ? shortName(dim.name) : null)) ??
      shape.map(() => null);
    tensors.push({ name: value.name, datatype, shape, dimNames });
  }
  return tensors;
}

const shortName = (name: string | null): string | null =>
  name?.slice(0, 512).toWellFormed() ?? null;

/**
 * The output that names the class, for prediction shares and delayed labels: what the metadata entry `slipway.labelOutput` says if there is such an
 * output, else the only integer or text output with one value per row, else the one of them called label or class; null when none is plain.
 */
export function findLabelOutput(
  signature: ModelSignature,
  metadata: OnnxInspection["metadata"],
): string | null {
  const declared = metadata.find((entry) => entry.key === "slipway.labelOutput")?.value;
  if (signature.outputs.some((output) => output.name === declared)) return declared ?? null;
  const perRow = signature.outputs.filter(
    (output) => isOnePerRow(output) && /^(U?INT|BYTES|BOOL)/.test(output.datatype),
  );
  const named = perRow.filter((output) => /label|class/i.test(output.name));
  const candidates = perRow.length > 1 ? named : perRow;
  return candidates.length === 1 ? (candidates[0]?.name ?? null) : null;
}

const isOnePerRow = ({ shape }: TensorSignature): boolean =>
  shape.length === 1 || (shape.length === 2 && shape[1] === 1);
