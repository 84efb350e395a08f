import { evaluationDocument } from "#lib/contracts/registry-api.ts";
import { changesBetween, decideEnvelope, drillEndMs } from "#lib/domain/governance/envelope/decide-envelope.ts";
import type { EnvelopeChange, EnvelopeVerdict, EnvelopeVersion } from "#lib/domain/governance/envelope/types.ts";
import { asJson, contentDigest } from "../../content-digest.ts";
import type { EnvelopeRecord } from "../../db/governance-repository.ts";
import type { ModelRecord, VersionRecord } from "../../db/model-repository.ts";
import type { ReleaseRecord } from "../../db/release-repository.ts";
import type { ReadModels, UnitOfWork } from "../../ports.ts";
import type { NewFact } from "../record-facts.ts";
import { releaseSubject } from "../subjects.ts";

type Reader = Pick<UnitOfWork, "governance" | "evidence" | "models" | "releases" | "endpoints"> | Pick<ReadModels, "governance" | "evidence" | "models" | "releases" | "endpoints">;

/** What learnt numbers do not change: operators, nodes and how many parameters there are. */
function architectureDigest({ inspection }: VersionRecord): string {
  if (inspection.format !== "onnx") return contentDigest(asJson(inspection));
  const { operators, nodeCount, parameterCount, attributeNumberCount } = inspection;
  return contentDigest(asJson({ operators, nodeCount, parameterCount, attributeNumberCount }));
}

async function envelopeVersion(db: Reader, model: ModelRecord, version: VersionRecord): Promise<EnvelopeVersion> {
  const evidence = await db.evidence.evidenceOf("version", version.id);
  const stated = evaluationDocument.safeParse(evidence.find(({ kind }) => kind === "held_out_evaluation")?.details["evaluation"]);
  return {
    digest: version.digest,
    format: version.format,
    architectureDigest: architectureDigest(version),
    inputs: version.contract.fields.map(({ field, type, nulls, range }) => ({ field, type, required: nulls === "reject", min: range?.min ?? null, max: range?.max ?? null })),
    outputsDigest: contentDigest(asJson(version.signature.outputs)),
    intendedUse: model.intendedUse,
    metrics: stated.success ? stated.data.metrics : {},
    testRows: stated.success ? stated.data.rows : 0,
    testSet: stated.success ? stated.data.datasetSha256 : null,
  };
}

/** What a release changes in what is live, part by part. */
export async function changesOfRelease(db: Reader, record: ReleaseRecord): Promise<EnvelopeChange[]> {
  const model = await db.models.getModel(record.modelName);
  const { stableVersionId, candidateVersionId } = record.release;
  const [stable, candidate] = [await db.models.getVersionById(stableVersionId), await db.models.getVersionById(candidateVersionId)];
  return changesBetween(await envelopeVersion(db, model, stable), await envelopeVersion(db, model, candidate));
}

/** When a drill of these very bytes last passed: by the release engine's own word, whichever kind it was recorded as. */
async function drilledAtMs(db: Reader, version: Pick<VersionRecord, "id" | "digest">): Promise<number | null> {
  const [newest] = (await db.evidence.evidenceOf("version", version.id)).filter(
    ({ kind, verdict, subjectDigest }) => (kind === "rollback_drill" || kind === "rollback_drill_passed") && verdict === "passed" && subjectDigest === version.digest,
  );
  return newest?.producedAt.getTime() ?? null;
}

/** When each allowed modification was used last, and how often this test set was used for the model. */
async function historyOf(db: Reader, model: ModelRecord, candidate: EnvelopeVersion & { readonly id: string }, except: string | null) {
  const lastUsedMs: Record<string, number> = {};
  let testSetUses = 0;
  for (const record of await db.releases.listReleases({ modelId: model.id }, 100)) {
    if (record.release.id === except || record.release.state !== "COMPLETED") continue;
    const fact = (await db.evidence.evidenceOf("release", record.release.id)).find(({ kind, verdict }) => kind === "pccp_within_envelope" && verdict === "passed");
    if (fact === undefined) continue;
    if (fact.details["testSet"] === candidate.testSet && candidate.testSet !== null) testSetUses += 1;
    const ids = Array.isArray(fact.details["coveredBy"]) ? fact.details["coveredBy"] : [];
    for (const id of ids) if (typeof id === "string") lastUsedMs[id] = Math.max(lastUsedMs[id] ?? 0, record.endedAt?.getTime() ?? 0);
  }
  return { lastUsedMs, testSetUses, drilledAtMs: await drilledAtMs(db, candidate) };
}

export type EnvelopeDecision = { readonly record: EnvelopeRecord; readonly verdict: EnvelopeVerdict; readonly candidate: EnvelopeVersion; readonly drilledAtMs: number | null };

/** What the model's change plan says of putting one version in the place of another; null when it has no plan. */
export async function decideBetween(
  db: Reader,
  model: ModelRecord,
  versions: { readonly stableId: string; readonly candidateId: string; readonly releaseId: string | null; readonly isRehearsal?: boolean },
  now: Date,
): Promise<EnvelopeDecision | null> {
  const record = await db.governance.envelopeInForce(model.id);
  if (record === null) return null;
  const stable = await envelopeVersion(db, model, await db.models.getVersionById(versions.stableId));
  const candidate = await envelopeVersion(db, model, await db.models.getVersionById(versions.candidateId));
  // Where the way back is rehearsed, nobody can have rehearsed it before.
  const document = versions.isRehearsal === true ? { ...record.document, drillMaxAgeDays: null } : record.document;
  const history = await historyOf(db, model, { ...candidate, id: versions.candidateId }, versions.releaseId);
  return { record, candidate, drilledAtMs: history.drilledAtMs, verdict: decideEnvelope(document, stable, candidate, history, now.getTime()) };
}

/** The plan's verdict as evidence about the release; null when the model has no plan. */
export async function envelopeFact(db: Reader, record: ReleaseRecord, now: Date): Promise<NewFact | null> {
  const model = await db.models.getModel(record.modelName);
  const { id, endpointId, stableVersionId, candidateVersionId, plan } = record.release;
  const { environment } = await db.endpoints.getEndpoint({ id: endpointId });
  const isRehearsal = plan.drill !== undefined || environment.policy.stage === "staging";
  const decided = await decideBetween(db, model, { stableId: stableVersionId, candidateId: candidateVersionId, releaseId: id, isRehearsal }, now);
  if (decided === null) return null;
  const { verdict } = decided;
  const endMs = isRehearsal ? null : drillEndMs(decided.record.document, decided.drilledAtMs);
  const broken = verdict.bounds.filter(({ held }) => !held);
  const criteria = decided.record.document.criteria.map(({ metric }) => metric);
  const failedCriteria = broken.filter(({ name }) => criteria.includes(name)).length;
  return {
    kind: "pccp_within_envelope",
    subject: releaseSubject(record),
    summary:
      verdict.verdict === "outside"
        ? `Outside the change plan ${decided.record.planVersion}: ${verdict.stoppedBy ?? ""}`
        : `Inside the change plan ${decided.record.planVersion}, under ${verdict.coveredBy.join(", ") || "no modification"}.`,
    details: {
      envelope: `${decided.record.document.authorisationRef}, plan ${decided.record.planVersion}`,
      outside: broken.length - failedCriteria,
      criteriaFailed: failedCriteria,
      coveredBy: [...verdict.coveredBy],
      bounds: asJson(verdict.bounds),
      testSet: decided.candidate.testSet,
    },
    // Another answer of any bound is another fact; that a bound's sentence counts days is not.
    inputsHash: contentDigest(asJson({ plan: decided.record.digest, stable: record.stableDigest, candidate: record.candidateDigest, drilledAtMs: decided.drilledAtMs, bounds: verdict.bounds.map(({ name, held }) => [name, held]) })),
    // The drill grows old by itself: from then on this fact no longer counts, whether or not anybody looks.
    ...(endMs === null || verdict.verdict === "outside" ? {} : { expiresAt: new Date(endMs) }),
  };
}

