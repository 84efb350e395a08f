import type { ChangePlanView, ClassificationView, DeliveryView } from "#lib/contracts/views/assurance-view.ts";
import { ACT_CLASS_WORDS } from "#lib/domain/governance/frameworks/profile.ts";
import type { ClassificationRecord, DeliveryRecord } from "../../db/governance-repository.ts";
import type { ModelRecord } from "../../db/model-repository.ts";
import type { ReadModels } from "../../ports.ts";
import { decideBetween } from "../facts/envelope-fact.ts";
import { modelSubject } from "../subjects.ts";

export const classificationView = (model: ModelRecord, record: ClassificationRecord): ClassificationView => ({
  actClass: record.actClass,
  word: ACT_CLASS_WORDS[record.actClass],
  because: record.because,
  rationale: record.rationale,
  decidedByName: record.decidedByName,
  decidedAt: record.decidedAt.toISOString(),
  catalogueVersion: record.catalogueVersion,
  outdated: record.modelDigest !== modelSubject(model).digest,
});

export const deliveryView = (record: DeliveryRecord): DeliveryView => ({
  kind: record.kind,
  client: record.client,
  provider: record.provider,
  custodian: record.custodian,
  responsibilities: record.responsibilities,
  recordedByName: record.recordedByName,
  recordedAt: record.recordedAt.toISOString(),
});

/** The model's change plan, and what it says of putting this version in the place of what is live; null without a plan. */
export async function changePlanView(db: ReadModels, model: ModelRecord, versionId: string, live: { readonly id: string; readonly name: string } | null, now: Date): Promise<ChangePlanView | null> {
  const record = await db.governance.envelopeInForce(model.id);
  if (record === null) return null;
  const decided = live === null || live.id === versionId ? null : await decideBetween(db, model, { stableId: live.id, candidateId: versionId, releaseId: null }, now);
  return {
    planVersion: record.planVersion,
    status: record.status,
    authorisationRef: record.document.authorisationRef,
    registeredByName: record.registeredByName,
    registeredAt: record.registeredAt.toISOString(),
    against: live?.name ?? null,
    verdict: decided?.verdict.verdict ?? null,
    stoppedBy: decided?.verdict.stoppedBy ?? null,
    bounds: decided?.verdict.bounds ?? [],
  };
}
