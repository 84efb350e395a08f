import { deriveSignature, findLabelOutput } from "#lib/domain/artifact/derive-signature.ts";
import { inspectModelFile } from "#lib/domain/artifact/inspect-model-file.ts";
import type {
  ArtifactInspection,
  ExternalFile,
  Finding,
  ModelSignature,
} from "#lib/domain/artifact/types.ts";
import { inferContract } from "#lib/domain/contract/infer-contract.ts";
import type { InferredContract, SampleSummary } from "#lib/domain/contract/types.ts";
import { AppError } from "#lib/domain/errors.ts";
import { openFileSource } from "./file-source.ts";

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
  const source = await openFileSource(artifact.modelPath);
  try {
    const result = await inspectModelFile(source, { externalFiles: artifact.externalFiles });
    if (!result.ok) {
      const { code, message, hint, byteOffset } = result.refusal;
      throw new AppError("invalid_input", message, {
        ...(hint === null ? {} : { hint }),
        errors: [{ pointer: "/model", message }],
        details: { refusal: code, byteOffset },
      });
    }
    const { inspection, findings } = result;
    const signature = deriveSignature(inspection);
    return {
      inspection,
      findings,
      signature,
      inferred:
        signature === null
          ? null
          : inferContract({ signature, features: inspection.features, sample: artifact.sample }),
      labelOutput: signature === null ? null : findLabelOutput(signature, inspection.metadata),
    };
  } finally {
    await source.close();
  }
}

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
