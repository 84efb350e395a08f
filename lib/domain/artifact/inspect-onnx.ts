import { checkExternalData } from "./external-data.ts";
import { defaultOnnxLimits, startDraft, type OnnxDraft, type OnnxLimits } from "./onnx-draft.ts";
import { passedFindings, runtimeFindings, valueFindings } from "./onnx-findings.ts";
import {
  defaultWalkLimits,
  malformed,
  overLimit,
  RefusedArtifact,
  startWalk,
  type Reading,
  type Walk,
  type WalkLimits,
} from "./protobuf-reader.ts";
import { inOrder } from "./finding-order.ts";
import { readFeatures } from "./read-features.ts";
import { readModel } from "./read-onnx-model.ts";
import { runReading, runReadingOnBytes, type ReadingResult } from "./run-reading.ts";
import type {
  ByteSource,
  ExternalFile,
  Finding,
  InspectionResult,
  OnnxInspection,
} from "./types.ts";

export type OnnxInspectionOptions = {
  /** Files uploaded beside the model; nothing else may be referred to. */
  readonly externalFiles?: readonly ExternalFile[];
  readonly walkLimits?: Partial<WalkLimits>;
  readonly onnxLimits?: Partial<OnnxLimits>;
};

/** Protobuf's own ceiling: sizes are 32-bit signed. */
const MAX_PROTOBUF_BYTES = 2 ** 31 - 1;
const MAX_SIGNATURE_TENSORS = 2048;

type Inspected = { readonly inspection: OnnxInspection; readonly findings: readonly Finding[] };

/**
 * Reads an ONNX file without running it: what it is, what it takes and gives, what it is made of, and everything that stands in the way of serving it.
 * Memory is bounded by the limits, whatever the size of the file. Refusals are values; only errors of `source.read` are thrown.
 */
export async function inspectOnnx(
  source: ByteSource,
  options: OnnxInspectionOptions = {},
): Promise<InspectionResult> {
  return answer(await runReading(inspecting(source.size, options), source));
}

/** `inspectOnnx` over bytes in memory. */
export function inspectOnnxBytes(
  bytes: Uint8Array,
  options: OnnxInspectionOptions = {},
): InspectionResult {
  return answer(runReadingOnBytes(inspecting(bytes.length, options), bytes));
}

function answer(result: ReadingResult<Inspected>): InspectionResult {
  return result.ok ? { ok: true, ...result.value } : result;
}

function* inspecting(size: number, options: OnnxInspectionOptions): Reading<Inspected> {
  checkSize(size);
  const walk = startWalk(size, { ...defaultWalkLimits, ...options.walkLimits });
  const draft = startDraft({ ...defaultOnnxLimits, ...options.onnxLimits });
  yield* readModel(walk, draft);
  checkWhole(walk, draft);
  const inputs = draft.graphInputs.filter((value) => !draft.initialiserNames.has(value.name));
  if (Math.max(inputs.length, draft.graphOutputs.length) > MAX_SIGNATURE_TENSORS) {
    throw overLimit(walk, `more than ${MAX_SIGNATURE_TENSORS} inputs or outputs`, 0);
  }
  const external = checkExternalData(draft, options.externalFiles ?? []);
  const columns = readFeatures(draft.featuresText, inputs);
  const findings = [
    ...runtimeFindings(draft),
    ...valueFindings(inputs, draft.graphOutputs),
    ...external.findings,
    ...columns.findings,
    ...unknownFieldFindings(walk),
  ];
  const inspection: OnnxInspection = {
    format: "onnx",
    sizeBytes: size,
    irVersion: draft.irVersion,
    opsets: draft.opsets,
    producerName: draft.producerName,
    producerVersion: draft.producerVersion,
    domain: draft.domain,
    modelVersion: draft.modelVersion,
    docString: draft.docString,
    graphName: draft.graphName,
    metadata: draft.metadata,
    inputs,
    outputs: draft.graphOutputs,
    operators: operatorsOf(draft),
    nodeCount: draft.nodeCount,
    functionCount: draft.functions.size,
    parameterCount: draft.parameterCount,
    parametersByType: [...draft.parametersByType].map(([elementType, count]) => ({
      elementType,
      count,
    })),
    attributeNumberCount: draft.attributeNumberCount,
    initialiserBytes: draft.initialiserBytes,
    externalFiles: external.files,
    features: columns.features,
  };
  return { inspection, findings: inOrder([...findings, ...passedFindings(draft, findings)]) };
}

function checkSize(size: number): void {
  if (size === 0) {
    throw new RefusedArtifact({
      code: "artifact_empty",
      message: "The file is empty.",
      hint: "Check that the export finished and that the right file was chosen.",
      byteOffset: null,
    });
  }
  if (size > MAX_PROTOBUF_BYTES) {
    throw new RefusedArtifact({
      code: "artifact_too_large",
      message: `The file has ${size} bytes; an ONNX file cannot have more than ${MAX_PROTOBUF_BYTES} (2 GiB).`,
      hint: "Save the weights as external data beside the model and upload both.",
      byteOffset: null,
    });
  }
}

/** A file can be sound protobuf and still no model. */
function checkWhole(walk: Walk, draft: OnnxDraft): void {
  if (!draft.hasGraph) throw malformed(walk, "the file ends without a graph", walk.size);
  if (draft.irVersion === 0)
    throw malformed(walk, "the file ends without an IR version", walk.size);
}

function operatorsOf(draft: OnnxDraft): OnnxInspection["operators"] {
  return [...draft.operators]
    .map(([key, count]) => {
      const cut = key.indexOf("\n");
      return { domain: key.slice(0, cut), operator: key.slice(cut + 1), count };
    })
    .sort((a, b) => b.count - a.count || (a.operator < b.operator ? -1 : 1));
}

function unknownFieldFindings(walk: Walk): Finding[] {
  if (walk.unknownFields === 0) return [];
  return [
    {
      code: "unknown_fields",
      severity: "note",
      title: "Unknown fields",
      message: `${walk.unknownFields} ${walk.unknownFields === 1 ? "field is" : "fields are"} not part of the ONNX format known here and ${walk.unknownFields === 1 ? "was" : "were"} skipped.`,
      hint: null,
    },
  ];
}
