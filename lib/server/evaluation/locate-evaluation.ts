import type { EvaluationRecord } from "../db/evaluation-repository.ts";
import type { VersionRecord } from "../db/model-repository.ts";
import type { AuditTarget, ReadModels, UnitOfWork } from "../ports.ts";

type Reads = Pick<UnitOfWork, "evaluations" | "models"> | Pick<ReadModels, "evaluations" | "models">;

export type LocatedEvaluation = {
  readonly evaluation: EvaluationRecord;
  readonly version: VersionRecord;
  readonly environmentId: null;
  readonly targets: readonly [AuditTarget, ...AuditTarget[]];
};

export const evaluationTargets = (evaluation: Pick<EvaluationRecord, "id" | "number" | "dataDigest">, version: Pick<VersionRecord, "id" | "name" | "digest" | "modelId" | "modelName">): [AuditTarget, ...AuditTarget[]] => [
  { type: "evaluation", id: evaluation.id, name: `Evaluation ${evaluation.number}`, digest: evaluation.dataDigest },
  { type: "version", id: version.id, name: `${version.modelName} ${version.name}`, digest: version.digest },
  { type: "model", id: version.modelId, name: version.modelName, digest: null },
];

/** An evaluation with its version. Throws `not_found`. */
export async function locateEvaluation(db: Reads, by: { id: string } | { number: number }): Promise<LocatedEvaluation> {
  const evaluation = await db.evaluations.getEvaluation(by);
  const version = await db.models.getVersionById(evaluation.versionId);
  return { evaluation, version, environmentId: null, targets: evaluationTargets(evaluation, version) };
}
