import type { AuditDraft } from "#lib/domain/audit/leaf.ts";
import type { Release } from "#lib/domain/release/release.ts";
import { asJson, contentDigest } from "../content-digest.ts";
import type { ReleaseRecord } from "../db/release-repository.ts";
import { newId } from "../new-id.ts";
import type { UnitOfWork } from "../ports.ts";
import { releaseTargets } from "./apply-move.ts";
import { drillResult } from "./drill-result.ts";

const DAY_MS = 86_400_000;

/** A drill that is over becomes evidence about its version, with an expiry. Nothing for releases that are no drill. */
export async function recordDrill(tx: UnitOfWork, record: ReleaseRecord, next: Release, rollbackMs: number | null, now: Date): Promise<AuditDraft[]> {
  const { drill } = next.plan;
  const result = drillResult(next, await tx.releases.decisionsOf(next.id), rollbackMs);
  if (drill === undefined || result === null || next.firstWeightEpoch === null) return [];
  const verdict = result.passed ? "passed" : "failed";
  const facts = {
    releaseId: next.id,
    releaseNumber: record.number,
    environment: record.environmentName,
    endpoint: record.endpointName,
    fault: asJson(drill.fault),
    cause: result.cause,
    detectedMs: result.detectedMs,
    restoredMs: result.restoredMs,
    objectiveSeconds: drill.objectiveSeconds,
    restoredVersion: record.stableName,
    restoredDigest: record.stableDigest,
  };
  await tx.evidence.insertEvidence({
    id: newId(),
    kind: "rollback_drill",
    subjectType: "version",
    subjectId: next.candidateVersionId,
    subjectDigest: record.candidateDigest,
    verdict,
    summary: result.summary,
    details: facts,
    producer: "Release controller",
    producerVersion: "rollback-drill/1",
    inputsHash: contentDigest(facts),
    expiresAt: new Date(now.getTime() + drill.validDays * DAY_MS),
  });
  return [{ action: "evidence.recorded", targets: releaseTargets(record), after: { kind: "rollback_drill", verdict, summary: result.summary } }];
}
