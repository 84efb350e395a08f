import type { AuditDraft } from "#lib/domain/audit/leaf.ts";
import type { DecisionDraft } from "#lib/domain/release/effect.ts";
import type { ReleaseRecord } from "../db/release-repository.ts";
import type { UnitOfWork } from "../ports.ts";
import { openIncidentIn } from "./open-incident.ts";

const OPENED_BY = "Release policy";

/**
 * The incident of a roll back that nobody ordered: opened in the transaction that orders it, with the evidence that was preserved just before.
 * Null when a person rolled back, when a newer release took over, or when this release has one.
 */
export async function incidentOfRollback(
  tx: UnitOfWork,
  record: ReleaseRecord,
  decision: DecisionDraft,
  { sentence, at }: { readonly sentence: string; readonly at: Date },
): Promise<AuditDraft | null> {
  const isAutomatic = decision.to === "ROLLING_BACK" && decision.by.kind !== "person" && decision.rollbackCause !== "superseded";
  if (!isAutomatic) return null;
  if ((await tx.incidents.standingIncident({ rolledBackReleaseId: record.release.id })) !== null) return null;
  const model = await tx.models.getModel(record.modelName);
  const { audit } = await openIncidentIn(
    tx,
    {
      title: `${record.modelName} ${record.candidateName} was rolled back on ${record.endpointName}`,
      summary: sentence,
      severity: model.riskTier === "low" ? "minor" : "major",
    },
    {
      environment: { id: record.environmentId, name: record.environmentName },
      endpoint: { id: record.release.endpointId, name: record.endpointName },
      model,
      version: { id: record.release.candidateVersionId, name: record.candidateName, digest: record.candidateDigest },
      release: { id: record.release.id, number: record.number, digest: record.release.digest },
    },
    { source: "rollback", alertKey: null, openedBy: OPENED_BY },
    at,
  );
  return audit;
}
