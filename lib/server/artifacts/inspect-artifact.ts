import { contractOfPmml } from "#lib/domain/artifact/pmml/pmml-contract.ts";
import { deriveSignature, findLabelOutput } from "#lib/domain/artifact/derive-signature.ts";
import { inOrder } from "#lib/domain/artifact/finding-order.ts";
import { RefusedArtifact } from "#lib/domain/artifact/protobuf-reader.ts";
import { signatureOfSavedModel } from "#lib/domain/artifact/savedmodel/inspect-savedmodel.ts";
import { servingFinding } from "#lib/domain/artifact/serving-fit.ts";
import type { ArtifactInspection, ArtifactRefusal, ExternalFile, Finding, ModelSignature } from "#lib/domain/artifact/types.ts";
import { inferContract } from "#lib/domain/contract/infer-contract.ts";
import type { InferredContract, SampleSummary } from "#lib/domain/contract/types.ts";
import { AppError } from "#lib/domain/errors.ts";
import { readArtifactFile } from "./read-artifact-file.ts";

export type ArtifactToInspect = {
  /** Where the model file is, staged or kept. */
  readonly modelPath: string;
  readonly externalFiles: readonly ExternalFile[];
  readonly sample: SampleSummary | null;
};

/** What reading an artifact said. Without a signature a finding blocks, and there is no contract either. */
export type InspectedArtifact = {
  readonly inspection: ArtifactInspection;
  readonly findings: readonly Finding[];
  readonly signature: ModelSignature | null;
  readonly inferred: InferredContract | null;
  readonly labelOutput: string | null;
};

/** An inspected artifact that nothing blocks. */
export type RegistrableArtifact = InspectedArtifact & {
  readonly signature: ModelSignature;
  readonly inferred: InferredContract;
};

/**
 * Reads a model file from disk without running it: what it is, what stands in its way, its signature and a proposed contract.
 * Throws `invalid_input` when the file is of no known format or broken, with the byte in `details`.
 */
export async function inspectArtifact(artifact: ArtifactToInspect): Promise<InspectedArtifact> {
  let read: { readonly inspection: ArtifactInspection; readonly findings: readonly Finding[] };
  try {
    read = await readArtifactFile(artifact.modelPath, artifact.externalFiles);
  } catch (error) {
    throw error instanceof RefusedArtifact ? refused(error.refusal) : error;
  }
  const { inspection } = read;
  const findings = inOrder([...read.findings, ...servingFinding(inspection)]);
  return { inspection, findings, ...describe(inspection, findings, artifact.sample) };
}

function refused({ code, message, hint, byteOffset }: ArtifactRefusal): AppError {
  return new AppError("invalid_input", message, {
    ...(hint === null ? {} : { hint }),
    errors: [{ pointer: "/model", message }],
    details: { refusal: code, byteOffset },
  });
}

/** Signature and contract, as far as the format says them. A pickle says neither: both are empty until somebody writes them. */
function describe(
  inspection: ArtifactInspection,
  findings: readonly Finding[],
  sample: SampleSummary | null,
): Pick<InspectedArtifact, "signature" | "inferred" | "labelOutput"> {
  switch (inspection.format) {
    case "onnx": {
      const signature = deriveSignature(inspection);
      if (signature === null) return NOTHING;
      return { signature, inferred: inferContract({ signature, features: inspection.features, sample }), labelOutput: findLabelOutput(signature, inspection.metadata) };
    }
    case "savedmodel": {
      const signature = signatureOfSavedModel(inspection);
      if (signature === null) return NOTHING;
      return { signature, inferred: inferContract({ signature, features: null, sample }), labelOutput: findLabelOutput(signature, []) };
    }
    case "pmml": {
      const stated = findings.some(({ severity }) => severity === "block") ? null : contractOfPmml(inspection);
      if (stated === null) return NOTHING;
      const label = inspection.functionName === "classification" ? (inspection.outputs.find(({ feature }) => feature === "predictedValue")?.name ?? (inspection.outputs.length === 0 ? stated.signature.outputs[0]?.name : null)) : null;
      return { signature: stated.signature, inferred: { contract: stated.contract, sampleChecks: [], notes: stated.notes }, labelOutput: label ?? null };
    }
    case "pickle":
      return { signature: UNKNOWN, inferred: { contract: { fields: [] }, sampleChecks: [], notes: ["A pickle does not say what it takes and answers."] }, labelOutput: null };
  }
}

const NOTHING = { signature: null, inferred: null, labelOutput: null } as const;
const UNKNOWN: ModelSignature = { inputs: [], outputs: [] };

/** The same artifact, when nothing blocks its registration; else throws `invalid_input` with every finding that does. */
export function requireRegistrable(artifact: InspectedArtifact): RegistrableArtifact {
  const blocking = artifact.findings.filter((finding) => finding.severity === "block");
  const { signature, inferred } = artifact;
  if (blocking.length === 0 && signature !== null && inferred !== null) {
    return { ...artifact, signature, inferred };
  }
  const [first] = blocking;
  throw new AppError(
    "invalid_input",
    first === undefined
      ? "The inputs and outputs of the model cannot be expressed in the Open Inference Protocol."
      : blocking.map((finding) => finding.message).join(" "),
    {
      ...(first?.hint ? { hint: first.hint } : {}),
      errors: blocking.map((finding) => ({ pointer: "/model", message: finding.message })),
      details: { findings: artifact.findings },
    },
  );
}
