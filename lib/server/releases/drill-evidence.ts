import type { AuditDraft } from "#lib/domain/audit/leaf.ts";
import type { Release } from "#lib/domain/release/release.ts";
import { asJson, contentDigest } from "../content-digest.ts";
import type { ReleaseRecord } from "../db/release-repository.ts";
import { versionSubject } from "../governance/subjects.ts";
import { verdictOf } from "../governance/record-facts.ts";
import { newId } from "../new-id.ts";
import type { UnitOfWork } from "../ports.ts";
import { releaseTargets } from "./apply-move.ts";
import { drillResult } from "./drill-result.ts";

const DAY_MS = 86_400_000;

/** Whether every live runtime answers the previous version's golden inputs as registered, after the way back. */
async function isGoldenEqual(tx: UnitOfWork, { stableVersionId }: Release, now: Date): Promise<boolean> {
  const live = (await tx.runtimes.listRuntimes(now)).filter((runtime) => runtime.live);
  const restored = live.flatMap(({ acks }) => acks?.versions.filter(({ versionId }) => versionId === stableVersionId) ?? []);
  return restored.length > 0 && restored.every(({ goldenPassed, goldenTotal }) => goldenPassed === goldenTotal);
}

/**
 * A drill that is over becomes evidence about its version, with an expiry: what the checklist's REL-3 asks for, passed only when the fault was found
 * without a person, in time, and the previous version answers as before. Nothing for releases that are no drill.
 */
export async function recordDrill(tx: UnitOfWork, record: ReleaseRecord, next: Release, rollbackMs: number | null, now: Date): Promise<AuditDraft[]> {
  const { drill } = next.plan;
  const result = drillResult(next, await tx.releases.decisionsOf(next.id), rollbackMs);
  if (drill === undefined || result === null || next.firstWeightEpoch === null) return [];
  const kind = "rollback_drill_passed";
  const details = {
    release: `Release ${record.number}`,
    releaseId: next.id,
    strategy: next.plan.strategy,
    environment: record.environmentName,
    endpoint: record.endpointName,
    fault: asJson(drill.fault),
    cause: result.cause,
    fired: result.fired,
    detectedMs: result.detectedMs,
    restoredMs: result.restoredMs,
    // From the fault to the last answer of the candidate, which is what the objective limits.
    restoreMs: (result.detectedMs ?? 0) + (result.restoredMs ?? 0),
    objectiveMs: drill.objectiveSeconds * 1000,
    goldenEqual: await isGoldenEqual(tx, next, now),
    restoredVersion: record.stableName,
    restoredDigest: record.stableDigest,
  };
  const judged = verdictOf({ kind, details }, now);
  const verdict = result.passed ? judged.verdict : "failed";
  const summary = judged.because === null ? result.summary : `${result.summary} ${judged.because}`;
  const subject = versionSubject({ id: next.candidateVersionId, digest: record.candidateDigest });
  const id = newId();
  await tx.evidence.insertEvidence({
    id,
    kind,
    subjectType: subject.type,
    subjectId: subject.id,
    subjectDigest: subject.digest,
    verdict,
    summary,
    details,
    producer: "Release controller",
    producerVersion: "rollback-drill/2",
    inputsHash: contentDigest(details),
    expiresAt: new Date(now.getTime() + drill.validDays * DAY_MS),
  });
  return [{ action: "evidence.recorded", targets: [{ type: "evidence", id, name: kind, digest: null }, ...releaseTargets(record)], after: { kind, verdict, summary } }];
}
