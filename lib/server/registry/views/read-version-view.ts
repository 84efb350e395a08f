import { z } from "zod";
import { inputContract } from "#lib/contracts/artifact.ts";
import { modelSignature } from "#lib/contracts/signature.ts";
import type { VersionView } from "#lib/contracts/views/version-view.ts";
import { environmentsAllowed } from "#lib/domain/access/permissions.ts";
import { portabilityOf } from "#lib/domain/artifact/portability.ts";
import { servingFit } from "#lib/domain/artifact/serving-fit.ts";
import { inspectionFacts } from "#lib/domain/artifact/inspection-facts.ts";
import { notFound } from "#lib/domain/errors.ts";
import { isEnd } from "#lib/domain/release/states.ts";
import type { EndpointRecord } from "../../db/endpoint-repository.ts";
import type { EvidenceRecord } from "../../db/evidence-repository.ts";
import type { ModelRecord, VersionRecord } from "../../db/model-repository.ts";
import type { Actor, ReadModels } from "../../ports.ts";
import { query } from "../../read.ts";
import { kindTitle } from "../../governance/requirements.ts";
import { changesView } from "../../releases/views/change-views.ts";
import { outsideView } from "./outside-view.ts";
import { dependenciesView } from "./dependencies-view.ts";
import { nextStep, versionSentence } from "./next-step.ts";
import { isSignatureValid } from "../sign-version.ts";
import { quarantinedOn } from "../lift-quarantine.ts";
import { actFor, BUILDERS, closed } from "./open-acts.ts";
import { type FoundPlace, placesOn, releaseRows, shownPlace } from "./place-views.ts";
import { profileRunView } from "./profile-view.ts";
import { evaluationNumber, evaluationOf, metricSeries } from "./version-metrics.ts";

/** How many versions back the figures go. */
const METRIC_VERSIONS = 12;
const VERSIONS_LOOKED_AT = 200;
const GOLDEN_SHOWN = 16;
const GOLDEN_BYTES = 200_000;
const MOST_PAST = 20;
const MOST_RELEASES = 20;

function goldenRequests(version: VersionRecord): Record<string, unknown>[] {
  let bytes = 0;
  return version.golden.slice(0, GOLDEN_SHOWN).flatMap(({ request }) => {
    bytes += JSON.stringify(request).length;
    return bytes > GOLDEN_BYTES ? [] : [request];
  });
}

/** The contract of the version that answers the most here, else the parent's, compared with this one's. */
async function diffOf(db: ReadModels, version: VersionRecord, places: readonly FoundPlace[]): Promise<VersionView["contractDiff"]> {
  const live = places
    .filter(({ role, versionId }) => role === "stable" && versionId !== version.id)
    .map(({ versionId }) => versionId);
  const against = live[0] ?? version.parentId;
  if (against === null || places.some((place) => place.role === "stable" && place.versionId === version.id)) {
    if (version.parentId === null) return null;
    const parent = await db.models.getVersionById(version.parentId);
    return { against: `its parent ${parent.name}`, ...changesView(parent, version).contract };
  }
  const other = await db.models.getVersionById(against);
  return { against: live[0] === undefined ? `its parent ${other.name}` : `${other.name}, which is live`, ...changesView(other, version).contract };
}

async function pastOf(db: ReadModels, version: VersionRecord, endpoints: readonly EndpointRecord[]): Promise<VersionView["past"]> {
  const byId = new Map(endpoints.map((endpoint) => [endpoint.id, endpoint]));
  return (await db.endpoints.deploymentsOf({ versionId: version.id }, MOST_PAST)).flatMap((row) => {
    const endpoint = byId.get(row.endpointId);
    if (endpoint === undefined || row.endedAt === null) return [];
    return [
      {
        endpointName: endpoint.name,
        environmentName: endpoint.environment.name,
        startedAt: row.startedAt.toISOString(),
        startedBy: row.startedBy,
        endedAt: row.endedAt.toISOString(),
        endedBy: row.endedBy,
        endReason: row.endReason,
      },
    ];
  });
}

function evidenceRows(evidence: readonly EvidenceRecord[]): VersionView["evidence"] {
  return evidence.map((fact, index) => ({
    evidenceId: fact.id,
    kind: fact.kind,
    title: kindTitle(fact.kind),
    verdict: fact.verdict,
    summary: fact.summary,
    producer: fact.producer,
    producerVersion: fact.producerVersion,
    inputsHash: fact.inputsHash,
    producedAt: fact.producedAt.toISOString(),
    expiresAt: fact.expiresAt?.toISOString() ?? null,
    superseded: evidence.findIndex(({ kind }) => kind === fact.kind) !== index,
  }));
}

function factsOfFile(model: ModelRecord, version: VersionRecord) {
  return {
    versionId: version.id,
    modelName: model.name,
    versionName: version.name,
    intendedUse: model.intendedUse,
    riskTier: model.riskTier,
    demo: model.demo,
    format: version.format,
    served: servingFit(version.format).isServed,
    ...portabilityOf(version.inspection),
    digest: version.digest,
    sizeBytes: version.sizeBytes,
    state: version.state,
    createdAt: version.createdAt.toISOString(),
    notes: version.notes,
    facts: inspectionFacts(version.inspection).map((fact) => ({ ...fact })),
    signature: modelSignature.parse(version.signature),
    contract: inputContract.parse(version.contract),
    labelOutput: version.labelOutput,
    goldenRequests: goldenRequests(version),
    goldenTotal: version.golden.length,
    lineage: version.lineage,
    findings: [...version.findings],
    files: version.files.map((file) => ({ ...file })),
  };
}

async function liftAct(db: ReadModels, actor: Actor, { id, state }: VersionRecord, now: Date) {
  if (state !== "quarantined" && (await quarantinedOn(db, id, now)).length === 0) return closed("It is not quarantined.");
  return actFor(actor, "version:quarantine", "ML leads, validators and administrators");
}

function tryAct(actor: Actor, format: string) {
  const fit = servingFit(format);
  return fit.isServed ? actFor(actor, "version:try", "engineers, ML leads and validators") : { open: false, closedBecause: fit.reason };
}

/** The version page: where it is live, what it takes and answers, how good it is, what is known of it. */
export const readVersionView = query({
  name: "read-version-view",
  permission: "version:read",
  of: "one",
  input: z.strictObject({ model: z.string().max(128), version: z.string().max(128) }),
  async run({ db, actor, input, now, authorise }): Promise<VersionView> {
    const model = await db.models.getModel(input.model);
    const version = await db.models.findVersion(model.id, input.version);
    if (version === null) throw notFound();
    authorise({ environmentId: null, targets: [{ type: "version", id: version.id, name: `${model.name} ${version.name}`, digest: version.digest }] });
    const allowed = environmentsAllowed(actor, "endpoint:read");
    const endpoints = (await db.endpoints.listEndpoints()).filter(
      ({ modelId, environment }) => modelId === model.id && (allowed === "all" || allowed.includes(environment.id)),
    );
    const all = await placesOn(db, endpoints);
    const places = all.filter(({ versionId }) => versionId === version.id).map(shownPlace);
    const heads = await db.registry.versionHeads({ modelId: model.id }, VERSIONS_LOOKED_AT);
    const children = await db.registry.versionHeads({ parentId: version.id }, VERSIONS_LOOKED_AT);
    const upTo = heads.slice(heads.findIndex(({ id }) => id === version.id)).slice(0, METRIC_VERSIONS).reverse();
    const evaluations = await db.registry.newestEvidence(upTo.map(({ id }) => id), "held_out_evaluation");
    const evaluation = evaluationOf(evaluations.get(version.id));
    const evidence = await db.evidence.evidenceOf("version", version.id);
    const runtimes = await db.runtimes.listRuntimes(now);
    const [scan] = await db.scans.scansOf(version.id, 1);
    const profile = profileRunView(version, await db.registry.newestProfileJob(version.id), runtimes.filter(({ live }) => live).length);
    const filter = allowed === "all" ? {} : { environmentIds: [...allowed] };
    const releases = await db.releases.listReleases({ ...filter, versionId: version.id }, MOST_RELEASES);
    const open = releases.find(({ release }) => !isEnd(release.state)) ?? null;
    const names = await db.registry.userNames([model.ownerId, version.authorId]);
    const outside = await outsideView(db, actor, version, evidence, now);
    const known = { version, profile, places, open, outside, endpointNames: endpoints.map(({ name }) => name) };
    const card = evidence.find(({ kind }) => kind === "model_card")?.details["markdown"];
    return {
      asOf: now.toISOString(),
      ...factsOfFile(model, version),
      ownerName: names.get(model.ownerId) ?? "Unknown person",
      authorName: names.get(version.authorId) ?? "Unknown person",
      parentName: version.parentId === null ? null : (heads.find(({ id }) => id === version.parentId)?.name ?? null),
      childNames: children.map(({ name }) => name),
      say: versionSentence(known),
      next: nextStep(known),
      profile,
      places,
      past: await pastOf(db, version, endpoints),
      contractDiff: await diffOf(db, version, all),
      mayTry: tryAct(actor, version.format),
      mayLiftQuarantine: await liftAct(db, actor, version, now),
      signatures: (await db.scans.signaturesOf(version.id)).map((one) => ({ keyId: one.keyId, addedAt: one.createdAt.toISOString(), valid: isSignatureValid(version.digest, one) })),
      scan: scan === undefined ? null : { verdict: scan.verdict, scannerVersion: scan.scannerVersion, scannedAt: scan.scannedAt.toISOString() },
      mayRegister: actFor(actor, "version:create", BUILDERS),
      evaluation: evaluation === null ? null : { dataset: evaluation.dataset, datasetSha256: evaluation.datasetSha256, rows: evaluation.rows, ranBySlipway: evaluationNumber(evaluations.get(version.id)) },
      metrics: metricSeries(upTo, evaluations),
      outside,
      dependencies: dependenciesView(await db.dependencies.locksOf(version.id)),
      card: typeof card === "string" ? card : null,
      evidence: evidenceRows(evidence),
      releases: await releaseRows(db, releases),
    };
  },
});
