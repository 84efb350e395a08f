import { formatFacts, group, type InspectionFact } from "./format-facts.ts";
import type { ArtifactInspection, OnnxInspection, TensorSignature } from "./types.ts";


export type { InspectionFact } from "./format-facts.ts";

/** "float32 [N, 12]" in the protocol's own words: "FP32 [N, 12]"; a free size by its name, else N. */
export function tensorText({ datatype, shape, dimNames }: TensorSignature): string {
  const sizes = shape.map((size, index) => (size >= 0 ? String(size) : (dimNames[index] ?? "N")));
  return `${datatype} [${sizes.join(", ")}]`;
}

function operatorText({ operators, nodeCount }: OnnxInspection): string {
  const named = operators
    .slice(0, 4)
    .map(({ operator, count }) => (count > 1 ? `${operator} ${count}` : operator));
  const more = operators.length - named.length;
  const kinds = `${operators.length} ${operators.length === 1 ? "kind" : "kinds"}, ${group(nodeCount)} ${nodeCount === 1 ? "node" : "nodes"}`;
  return operators.length === 0
    ? "none"
    : `${kinds}: ${named.join(", ")}${more > 0 ? ` and ${more} more` : ""}`;
}

/** What was read from a model file, in a few rows of label and value. Says nothing that is not in the file. */
export function inspectionFacts(inspection: ArtifactInspection): readonly InspectionFact[] {
  return inspection.format === "onnx" ? onnxFacts(inspection) : formatFacts(inspection);
}

function onnxFacts(inspection: OnnxInspection): readonly InspectionFact[] {
  const opsets = inspection.opsets
    .map(({ domain, version }) =>
      domain === "" || domain === "ai.onnx" ? `opset ${version}` : `${domain} ${version}`,
    )
    .join(", ");
  const learnt =
    inspection.parameterCount > 0 || inspection.attributeNumberCount === 0
      ? `${group(inspection.parameterCount)} in tensors`
      : "none in tensors";
  const trees =
    inspection.attributeNumberCount > 0
      ? `, ${group(inspection.attributeNumberCount)} numbers in operators`
      : "";
  const producer = `${inspection.producerName} ${inspection.producerVersion}`.trim();
  return [
    { label: "Format", value: `ONNX, IR ${inspection.irVersion}, ${opsets}` },
    { label: "Made by", value: producer === "" ? "not stated in the file" : producer },
    { label: "Operators", value: operatorText(inspection) },
    { label: "Parameters", value: `${learnt}${trees}` },
    ...(inspection.externalFiles.length === 0
      ? []
      : [{ label: "Weights in", value: inspection.externalFiles.map(({ name }) => name).join(", ") }]),
    ...(inspection.docString.trim() === ""
      ? []
      : [{ label: "Its own note", value: inspection.docString.trim().slice(0, 300) }]),
  ];
}
