import type { AuditDraft } from "#lib/domain/audit/leaf.ts";
import type { ReleaseRecord } from "../db/release-repository.ts";
import type { UnitOfWork } from "../ports.ts";
import { releaseTargets } from "./apply-move.ts";
import { presentDigest } from "./bound-digest.ts";

const CAUSES = {
  evidence: { action: "release.evidence_changed", voidReason: "The evidence changed after signing." },
  configuration: { action: "release.configuration_changed", voidReason: "The runtime configuration was changed after signing." },
} as const;

/**
 * Approvals stand on what was read: plan, evidence and runtime configuration. When it is no longer the same, the release takes the new digest and
 * what was signed is void; the signatures stay, struck through. Answers the trail's entry, or null where nothing has to be done. The record must
 * be locked.
 */
export async function rebindRelease(tx: UnitOfWork, record: ReleaseRecord, cause: keyof typeof CAUSES): Promise<AuditDraft | null> {
  const { release } = record;
  if (release.state !== "PENDING_APPROVAL" && release.state !== "APPROVED") return null;
  const digest = await presentDigest(tx, record);
  if (digest === release.digest) return null;
  const { action, voidReason } = CAUSES[cause];
  const voided = await tx.releases.voidApprovals(release.id, voidReason);
  await tx.releases.saveRelease(record, { ...release, digest });
  return {
    action,
    targets: releaseTargets(record),
    before: { digest: release.digest },
    after: { digest, voidedApprovals: voided.map(({ signedName }) => signedName) },
  };
}
