import type { z } from "zod";
import type { trainingProfile } from "#lib/contracts/training-profile.ts";
import type { JsonObject } from "#lib/domain/audit/canonical-json.ts";
import type { InputContract } from "#lib/domain/contract/types.ts";
import { baselineOfVersion } from "#lib/domain/drift/baseline.ts";
import type { TrainingProfile } from "#lib/domain/drift/training-profile.ts";
import { binsHashOf } from "../db/baseline-repository.ts";
import { newId } from "../new-id.ts";
import type { UnitOfWork } from "../ports.ts";
import type { ReceivedArtifact } from "../registry/register-version.ts";

type Profile = z.output<typeof trainingProfile>;

/** The class names a model file carries, in the order of its score columns. */
function classesOf(metadata: readonly { readonly key: string; readonly value: string }[]): readonly string[] {
  const text = metadata.find(({ key }) => key === "slipway.classes")?.value;
  try {
    const parsed: unknown = JSON.parse(text ?? "[]");
    return Array.isArray(parsed) && parsed.every((one) => typeof one === "string") ? parsed : [];
  } catch {
    return [];
  }
}

/**
 * Keeps what a new version will be compared with: its training profile, else the columns of the sample; and by which bins its answers are counted.
 * Part of the registration's transaction; answers what the trail is told.
 */
export async function recordVersionBaseline(
  tx: UnitOfWork,
  version: {
    readonly versionId: string;
    readonly artifact: Pick<ReceivedArtifact, "signature" | "inspection">;
    readonly contract: InputContract;
    readonly labelOutput: string | null;
    readonly training: Profile | null;
    readonly sample: Profile | null;
  },
): Promise<JsonObject> {
  const { artifact, training, sample } = version;
  const profile: TrainingProfile | null = training ?? sample;
  const metadata = "metadata" in artifact.inspection ? artifact.inspection.metadata : [];
  const baseline = baselineOfVersion({ ...version, signature: artifact.signature, classes: classesOf(metadata), profile });
  const binsHash = binsHashOf(baseline);
  const source = training !== null ? "training_profile" : sample !== null ? "sample" : "none";
  await tx.baselines.insertBaseline({
    id: newId(),
    versionId: version.versionId,
    endpointId: null,
    deploymentId: null,
    source,
    binsHash,
    rows: profile?.rows ?? 0,
    ...baseline,
  });
  return { source, binsHash, rows: profile?.rows ?? 0, features: baseline.features.length, outputs: baseline.outputs.length };
}
