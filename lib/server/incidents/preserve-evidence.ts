import type { AuditDraft } from "#lib/domain/audit/leaf.ts";
import type { JsonObject } from "#lib/domain/audit/canonical-json.ts";
import { asJson, contentDigest } from "../content-digest.ts";
import type { ReleaseRecord } from "../db/release-repository.ts";
import type { StoredWindow } from "../db/window-repository.ts";
import { newId } from "../new-id.ts";
import type { AuditTarget, UnitOfWork } from "../ports.ts";

/** Windows are named by digest and summed by arm; so many of the newest are kept whole. */
const WHOLE_WINDOWS = 600;

type ArmSum = { arm: string; requests: number; errors: number; refused: number; units: number; windows: number };

function sumByArm(windows: readonly StoredWindow[]): ArmSum[] {
  const sums = new Map<string, ArmSum>();
  for (const { arm, requests, errors, refused, units } of windows) {
    const sum = sums.get(arm) ?? { arm, requests: 0, errors: 0, refused: 0, units: 0, windows: 0 };
    sum.requests += requests;
    sum.errors += errors;
    sum.refused += refused;
    sum.units += units;
    sum.windows += 1;
    sums.set(arm, sum);
  }
  return [...sums.values()].sort((a, b) => (a.arm < b.arm ? -1 : 1));
}

function windowsPart(windows: readonly StoredWindow[]): JsonObject {
  return {
    count: windows.length,
    from: windows[0]?.windowStart ?? null,
    to: windows.at(-1)?.windowStart ?? null,
    sha256: contentDigest(asJson(windows)),
    byArm: asJson(sumByArm(windows)),
    newest: asJson(windows.slice(-WHOLE_WINDOWS)),
  };
}

/** Everything an examiner needs to see what was running: digests, configuration, weights, windows and where the trail stood. */
async function contentOf(tx: UnitOfWork, record: ReleaseRecord): Promise<JsonObject> {
  const { release } = record;
  const route = await tx.endpoints.currentRoute(release.endpointId);
  const candidate = await tx.models.getVersionById(release.candidateVersionId);
  const windows = await tx.windows.windowsOfRelease(release.id);
  const trail = await tx.incidents.trailRangeOf(release.id);
  return {
    release: { id: release.id, number: record.number, state: release.state, stepIndex: release.stepIndex, boundDigest: release.digest },
    versions: {
      candidate: { id: candidate.id, name: record.candidateName, digest: record.candidateDigest },
      stable: { id: release.stableVersionId, name: record.stableName, digest: record.stableDigest },
    },
    files: candidate.files.map(({ name, role, digest }) => ({ name, role, digest })),
    configuration: {
      plan: asJson(release.plan),
      planDigest: record.planDigest,
      reference: asJson(release.reference),
      contractDigest: contentDigest(asJson(candidate.contract)),
    },
    weights: route === null ? null : { epoch: route.epoch, salt: route.salt, arms: asJson(route.arms), since: route.createdAt.toISOString() },
    windows: windowsPart(windows),
    trail,
  };
}

/**
 * Keeps how a release stood, on hold, in the transaction of the act that is about to change it: Article 73(6) forbids to alter
 * what a later inquiry into the cause would need. Answers the entry for the trail.
 */
export async function preserveEvidence(
  tx: UnitOfWork,
  record: ReleaseRecord,
  cause: string,
  targets: readonly AuditTarget[],
): Promise<AuditDraft> {
  const content = await contentOf(tx, record);
  const id = newId();
  const digest = contentDigest(content);
  const standing = await tx.incidents.standingIncident({ rolledBackReleaseId: record.release.id });
  await tx.incidents.insertPreserved({
    id,
    releaseId: record.release.id,
    endpointId: record.release.endpointId,
    incidentId: standing?.id ?? null,
    cause,
    content,
    digest,
  });
  return {
    action: "evidence.preserved",
    targets: [{ type: "preserved_evidence", id, name: null, digest }, ...targets],
    after: { cause, digest, windows: contentSummary(content) },
  };
}

function contentSummary(content: JsonObject): JsonObject {
  const { weights, trail } = content;
  return { weights: weights ?? null, trail: trail ?? null };
}
