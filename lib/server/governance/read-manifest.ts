import { createHash } from "node:crypto";
import { z } from "zod";
import { MANIFEST_FORMAT, type ReleaseManifest } from "#lib/contracts/release-manifest.ts";
import { canonicalJson } from "#lib/domain/audit/canonical-json.ts";
import { independenceSentence } from "#lib/domain/release/approval-terms.ts";
import { endOf } from "#lib/domain/governance/evidence/standing.ts";
import { findKind } from "#lib/domain/governance/evidence/kinds.ts";
import { asJson, contentDigest } from "../content-digest.ts";
import { type EvidenceRecord, toFact } from "../db/evidence-repository.ts";
import type { VersionRecord } from "../db/model-repository.ts";
import type { ReleaseRecord } from "../db/release-repository.ts";
import type { ReadModels } from "../ports.ts";
import { query } from "../read.ts";
import { releaseTargets } from "../releases/release-targets.ts";
import { requirementsOf } from "../releases/open-requirements.ts";
import { SLIPWAY_VERSION } from "../slipway-version.ts";
import { controlsOf, groundsOfRelease } from "./load-grounds.ts";

const MOST_ENTRIES = 500;
const iso = (at: Date | null): string | null => at?.toISOString() ?? null;

const versionPart = (version: VersionRecord) => ({
  name: version.name,
  digest: version.digest,
  format: version.format,
  files: version.files.map(({ name, role, digest, sizeBytes }) => ({ name, role, digest, sizeBytes })),
  contractDigest: contentDigest(asJson(version.contract)),
});

function evidencePart(record: EvidenceRecord): ReleaseManifest["evidence"][number] {
  const kind = findKind(record.kind);
  const end = kind === null ? null : endOf(kind, toFact(record));
  return {
    id: record.id,
    kind: record.kind,
    subjectType: record.subjectType,
    subjectDigest: record.subjectDigest,
    verdict: record.verdict,
    summary: record.summary,
    producer: record.producer,
    inputsHash: record.inputsHash,
    producedAt: record.producedAt.toISOString(),
    countsUntil: end === null ? null : new Date(end).toISOString(),
    documentDigest: record.documentDigest ?? null,
  };
}

async function windowsPart(db: ReadModels, releaseId: string): Promise<ReleaseManifest["windows"]> {
  const windows = await db.windows.windowsOfRelease(releaseId);
  const starts = windows.map(({ windowStart }) => windowStart).sort();
  const rows = windows.map((window) => asJson({ ...window, receivedAtMs: undefined })).map((row) => canonicalJson(row)).sort();
  return {
    count: windows.length,
    requests: windows.reduce((sum, { requests }) => sum + requests, 0),
    from: starts[0] ?? null,
    to: starts.at(-1) ?? null,
    sha256: createHash("sha256").update(rows.join("\n")).digest("hex"),
  };
}

async function modelPart(db: ReadModels, record: ReleaseRecord): Promise<ReleaseManifest["model"]> {
  const model = await db.models.getModel(record.modelName);
  const classification = await db.governance.classificationInForce(model.id);
  const delivery = await db.governance.deliveryInForce(model.id);
  const names = await db.registry.userNames([model.ownerId]);
  const heads = await db.registry.versionHeads({ modelId: model.id }, 10_000);
  const endpoints = await db.endpoints.listEndpoints();
  return {
    name: model.name,
    intendedUse: model.intendedUse,
    riskTier: model.riskTier,
    sector: model.sector,
    jurisdictions: [...model.jurisdictions],
    owner: names.get(model.ownerId) ?? "Unknown person",
    classification:
      classification === null
        ? null
        : { actClass: classification.actClass, because: [...classification.because], decidedBy: classification.decidedByName, decidedAt: classification.decidedAt.toISOString(), catalogue: classification.catalogueVersion },
    delivery: delivery === null ? null : { kind: delivery.kind, client: delivery.client, provider: delivery.provider, custodian: delivery.custodian, responsibilities: delivery.responsibilities.map(({ area, party }) => ({ area, party })) },
    deployed: (await db.governance.firstInferences({ modelId: model.id })).map(({ versionId, endpointId, at }) => ({
      version: heads.find(({ id }) => id === versionId)?.name ?? versionId,
      endpoint: endpoints.find(({ id }) => id === endpointId)?.name ?? endpointId,
      at: at.toISOString(),
    })),
  };
}

/** Everything about one release in one document, from one snapshot; the caller signs it. */
export const readManifest = query({
  name: "read-release-manifest",
  permission: "release:read",
  of: "one",
  input: z.strictObject({ release: z.union([z.strictObject({ number: z.number().int().positive() }), z.strictObject({ id: z.uuid() })]), origin: z.string() }),
  async run({ db, input, now, authorise }): Promise<ReleaseManifest> {
    const record = await db.releases.getRelease(input.release);
    authorise({ environmentId: record.environmentId, targets: releaseTargets(record) });
    const { release } = record;
    const grounds = await groundsOfRelease(db, record, now);
    const endpoint = await db.endpoints.getEndpoint({ id: release.endpointId });
    const candidate = await db.models.getVersionById(release.candidateVersionId);
    const pinned = await db.governance.pinnedCatalogue(release.id);
    const evidence = await db.evidence.newestAbout(grounds.subjects.map(({ id }) => id));
    const trail = await db.entries.entriesAbout({ type: "release", id: release.id }, MOST_ENTRIES);
    const card = evidence.find(({ kind, subjectId }) => (kind === "model_card_published" || kind === "model_card") && subjectId === candidate.id);
    const author = await db.people.findPersonByPersonId(release.authorId);
    return {
      format: MANIFEST_FORMAT,
      origin: input.origin,
      generatedAt: now.toISOString(),
      generator: `Slipway ${SLIPWAY_VERSION}`,
      release: {
        id: release.id,
        number: record.number,
        state: release.state,
        reason: record.reason,
        endpoint: record.endpointName,
        environment: record.environmentName,
        author: author?.name ?? "Unknown person",
        createdAt: record.createdAt.toISOString(),
        startedAt: iso(record.startedAt),
        endedAt: iso(record.endedAt),
        boundDigest: release.digest,
        approvalTerms: { approvals: release.approvalsNeeded, roles: [...release.approverRoles], eachOf: [...(release.rolesNeeded ?? [])] },
        independence: release.smallTeam ? independenceSentence(release.smallTeam) : "met",
      },
      model: await modelPart(db, record),
      candidate: versionPart(candidate),
      stable: versionPart(await db.models.getVersionById(release.stableVersionId)),
      plan: { digest: record.planDigest, document: asJson(release.plan) },
      approvals: (await db.releases.approvalsOf(release.id)).map(({ signedName, role, decision, meaning, reason, digest, method, onBehalfOf, isIndependent, signedAt, voidedAt, voidReason }) => ({
        signedName, role, decision, meaning, reason, digest, method, onBehalfOf, independent: isIndependent, signedAt: signedAt.toISOString(), voidedAt: iso(voidedAt), voidReason,
      })),
      checklist: requirementsOf(endpoint.environment.policy, grounds).map(({ kind, title, state, note, evidenceIds }) => ({ item: kind, title, state, note, evidence: [...evidenceIds] })),
      catalogue: pinned === null ? null : { version: pinned.version, digest: pinned.digest, pinnedAt: pinned.pinnedAt.toISOString() },
      controls: controlsOf(grounds).map(({ control, state, note }) => ({ id: control.id, citation: control.citation, state, note })),
      card: card === undefined ? null : { digest: card.inputsHash },
      evidence: evidence.map(evidencePart),
      windows: await windowsPart(db, release.id),
      decisions: (await db.releases.decisionsOf(release.id)).map(({ at, fromState, toState, stepIndex, verdict, sentence, countsSha256 }) => ({
        at: at.toISOString(), from: fromState, to: toState, step: stepIndex, verdict, sentence, countsSha256,
      })),
      audit: { size: trail.total, entries: trail.entries.map(({ seq, action, occurredAt }) => ({ seq, action, at: occurredAt.toISOString() })) },
    };
  },
});
