import { z } from "zod";
import { notFound } from "#lib/domain/errors.ts";
import { environmentsAllowed } from "#lib/domain/access/permissions.ts";
import type { RegulatoryDocumentView } from "#lib/contracts/views/assurance-view.ts";
import { DOCUMENT_IDS, regulatoryDocument, type DocumentSource } from "#lib/domain/governance/regulatory-documents.ts";
import { technicalDocumentation } from "#lib/domain/governance/technical-documentation.ts";
import { getKind } from "#lib/domain/governance/evidence/kinds.ts";
import { standing } from "#lib/domain/governance/evidence/standing.ts";
import { fieldLine } from "../../releases/views/change-views.ts";
import type { Located } from "../../access.ts";
import type { Actor, ReadModels } from "../../ports.ts";
import { query } from "../../read.ts";
import { SLIPWAY_VERSION } from "../../slipway-version.ts";
import { loadGrounds } from "../load-grounds.ts";

const named = z.strictObject({ model: z.string().max(63), version: z.string().max(63) });
type Authorise = (located: Located) => void;

/** All that documents about one version are written from, for somebody who may see it. */
async function documentationSource(db: ReadModels, actor: Actor, input: z.output<typeof named>, now: Date, authorise: Authorise): Promise<DocumentSource> {
  const model = await db.models.getModel(input.model);
  const version = await db.models.findVersion(model.id, input.version);
  if (version === null) throw notFound();
  authorise({ environmentId: null, targets: [{ type: "version", id: version.id, name: `${model.name} ${version.name}`, digest: version.digest }] });
  const allowed = environmentsAllowed(actor, "endpoint:read");
  const endpoints = (await db.endpoints.listEndpoints()).filter(({ modelId, stableVersionId, environment }) => modelId === model.id && stableVersionId === version.id && (allowed === "all" || allowed.includes(environment.id)));
  const releases = await db.releases.listReleases({ ...(allowed === "all" ? {} : { environmentIds: [...allowed] }), modelId: model.id }, 200);
  const own = releases.find(({ release }) => release.candidateVersionId === version.id) ?? null;
  const grounds = await loadGrounds(db, { model, version, endpointIds: endpoints.map(({ id }) => id), environmentId: endpoints[0]?.environment.id ?? null, release: own }, now);
  const names = await db.registry.userNames([model.ownerId, version.authorId]);
  const heads = await db.registry.versionHeads({ modelId: model.id }, 200);
  const envelope = await db.governance.envelopeInForce(model.id);
  const delivery = await db.governance.deliveryInForce(model.id);
  return {
    modelName: model.name,
    versionName: version.name,
    digest: version.digest,
    intendedUse: model.intendedUse,
    riskTier: model.riskTier,
    jurisdictions: model.jurisdictions,
    owner: names.get(model.ownerId) ?? "Unknown person",
    author: names.get(version.authorId) ?? "Unknown person",
    registeredAt: version.createdAt.toISOString(),
    parent: heads.find(({ id }) => id === version.parentId)?.name ?? null,
    provider: delivery?.provider ?? null,
    format: version.format,
    files: version.files.map(({ name, digest, sizeBytes }) => ({ name, digest, sizeBytes })),
    inputs: version.contract.fields.map(fieldLine),
    outputs: version.signature.outputs.map(({ name, datatype }) => `${name} ${datatype}`),
    lineage: { dataset: version.lineage.dataset, run: version.lineage.run, commit: version.lineage.commit },
    liveOn: endpoints.map(({ name, environment }) => `${name} (${environment.name})`),
    releases: releases.map((record) => `Release ${record.number}: ${record.candidateName} in place of ${record.stableName} on ${record.endpointName}, ${record.release.state.toLowerCase().replaceAll("_", " ")}`),
    classification: grounds.profile === null ? null : grounds.profile.classification.because.join(" "),
    evidenceOf: (kind) => {
      const found = standing(getKind(kind), grounds.facts, grounds.subjects, grounds.nowMs);
      return { label: getKind(kind).label, state: found.state, note: found.note, id: found.fact?.id ?? null, details: found.fact?.details ?? {}, producedAt: found.fact === null ? null : new Date(found.fact.producedAtMs).toISOString() };
    },
    catalogue: grounds.catalogue.version,
    generator: `Slipway ${SLIPWAY_VERSION}`,
    plan: envelope === null ? null : { ...envelope.document, status: envelope.status },
  };
}

/** Annex IV of one version as Markdown, from records and evidence; what is not there is said to be missing. */
export const readTechnicalDocumentation = query({
  name: "read-technical-documentation",
  permission: "evidence:read",
  of: "one",
  input: named,
  async run({ db, actor, input, now, authorise }): Promise<{ fileName: string; text: string }> {
    const source = await documentationSource(db, actor, input, now, authorise);
    return { fileName: `${source.modelName}-${source.versionName}-annex-iv.md`, text: technicalDocumentation(source) };
  },
});

/** A document to sign and file about one version, with what is open in it. */
export const readRegulatoryDocument = query({
  name: "read-regulatory-document",
  permission: "evidence:read",
  of: "one",
  input: named.extend({ document: z.enum(DOCUMENT_IDS) }),
  async run({ db, actor, input: { document, ...names }, now, authorise }): Promise<RegulatoryDocumentView> {
    const source = await documentationSource(db, actor, names, now, authorise);
    const { modelName, versionName, digest, catalogue, generator } = source;
    return { ...regulatoryDocument(document, source), asOf: now.toISOString(), modelName, versionName, digest, catalogue, generator };
  },
});
