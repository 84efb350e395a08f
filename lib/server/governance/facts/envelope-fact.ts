import { evaluationDocument } from "#lib/contracts/registry-api.ts";
import { decideEnvelope } from "#lib/domain/governance/envelope/decide-envelope.ts";
import type { EnvelopeVerdict, EnvelopeVersion } from "#lib/domain/governance/envelope/types.ts";
import { asJson, contentDigest } from "../../content-digest.ts";
import type { EnvelopeRecord } from "../../db/governance-repository.ts";
import type { ModelRecord, VersionRecord } from "../../db/model-repository.ts";
import type { ReleaseRecord } from "../../db/release-repository.ts";
import type { ReadModels, UnitOfWork } from "../../ports.ts";
import type { NewFact } from "../record-facts.ts";
import { releaseSubject } from "../subjects.ts";

type Reader = Pick<UnitOfWork, "governance" | "evidence" | "models" | "releases"> | Pick<ReadModels, "governance" | "evidence" | "models" | "releases">;

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


/** When each allowed modification was used last, and how often this test set was used for the model. */
async function historyOf(db: Reader, model: ModelRecord, candidate: EnvelopeVersion, except: string | null) {
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
  return { lastUsedMs, testSetUses };
}

export type EnvelopeDecision = { readonly record: EnvelopeRecord; readonly verdict: EnvelopeVerdict; readonly candidate: EnvelopeVersion };

/** What the model's change plan says of putting one version in the place of another; null when it has no plan. */
export async function decideBetween(
  db: Reader,
  model: ModelRecord,
  versions: { readonly stableId: string; readonly candidateId: string; readonly releaseId: string | null },
  now: Date,
): Promise<EnvelopeDecision | null> {
  const record = await db.governance.envelopeInForce(model.id);
  if (record === null) return null;
  const stable = await envelopeVersion(db, model, await db.models.getVersionById(versions.stableId));
  const candidate = await envelopeVersion(db, model, await db.models.getVersionById(versions.candidateId));
  const history = await historyOf(db, model, candidate, versions.releaseId);
  return { record, candidate, verdict: decideEnvelope(record.document, stable, candidate, history, now.getTime()) };
}

/** The plan's verdict as evidence about the release; null when the model has no plan. */
export async function envelopeFact(db: Reader, record: ReleaseRecord, now: Date): Promise<NewFact | null> {
  const model = await db.models.getModel(record.modelName);
  const { id, stableVersionId, candidateVersionId } = record.release;
  const decided = await decideBetween(db, model, { stableId: stableVersionId, candidateId: candidateVersionId, releaseId: id }, now);
  if (decided === null) return null;
  const { verdict } = decided;
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
    inputsHash: contentDigest(asJson({ plan: decided.record.digest, stable: record.stableDigest, candidate: record.candidateDigest })),
  };
}

