import { createReleaseBody, type CreateReleaseBody } from "#lib/contracts/release-api.ts";
import { AppError, notFound } from "#lib/domain/errors.ts";
import { RELEASE_LABELS } from "#lib/domain/release/labels.ts";
import { applyPersonEvent } from "#lib/domain/release/person-event.ts";
import type { Release } from "#lib/domain/release/release.ts";
import type { AuditDraft } from "#lib/domain/audit/leaf.ts";
import { command } from "../command.ts";
import { asJson, contentDigest } from "../content-digest.ts";
import { requireValidSignatures } from "../registry/sign-version.ts";
import type { EndpointRecord } from "../db/endpoint-repository.ts";
import type { ReleaseRecord } from "../db/release-repository.ts";
import { requireTargetIn } from "../targets/create-target.ts";
import { recordPlanFacts } from "../governance/facts/release-facts.ts";
import { toFact } from "../db/evidence-repository.ts";
import { catalogueInForce, servingOf } from "../governance/load-grounds.ts";
import { newId } from "../new-id.ts";
import type { Actor, UnitOfWork } from "../ports.ts";
import { applyMove, releaseTargets } from "./apply-move.ts";
import { backTests } from "./back-test.ts";
import { boundDigest } from "./bound-digest.ts";
import { groundsOf } from "./grounds.ts";
import { observe } from "./observe.ts";
import { personRefused } from "./person-refused.ts";
import { checkedPlan, drillPlanFor } from "./plan-for.ts";
import { termsFor } from "./terms-for.ts";

type Scene = { readonly tx: UnitOfWork; readonly actor: Actor; readonly now: Date };

/** The newer release takes the endpoint: the older one ends, or goes back first if it has traffic. Answers the trail's entries. */
async function supersede({ tx, actor, now }: Scene, open: ReleaseRecord, newReleaseId: string): Promise<AuditDraft[]> {
  const record = await tx.releases.lockRelease({ id: open.release.id });
  const observed = await observe(tx, record, now);
  const event = { type: "supersede", by: actor.personId ?? "", newReleaseId } as const;
  const step = applyPersonEvent(record.release, event, observed.observation, now.getTime());
  if (!step.ok) throw personRefused(step.refusal);
  const grounds = groundsOf(record, step.move, observed, { personName: actor.name, rollbackMs: null });
  const applied = await applyMove({ tx, record, actorName: actor.name }, step.move, grounds);
  return [...applied.audit];
}

type Located = { readonly environmentId: string; readonly targets: readonly { type: string; id: string; name: string; digest: null }[]; readonly endpoint: EndpointRecord };

/** The endpoint that a release is made for. */
export async function locateEndpoint({ tx, input }: { readonly tx: UnitOfWork; readonly input: Pick<CreateReleaseBody, "endpoint"> }): Promise<Located> {
  const endpoint = await tx.endpoints.getEndpoint({ name: input.endpoint });
  return {
    environmentId: endpoint.environment.id,
    targets: [{ type: "endpoint", id: endpoint.id, name: endpoint.name, digest: null }],
    endpoint,
  };
}

/** The draft, written with all that it rests on. Throws what it may not be made for. `number` only where the transaction is taken back. */
export async function makeDraft({ tx, actor, now }: Scene, input: CreateReleaseBody, endpoint: EndpointRecord, number?: number) {
  if (endpoint.pattern !== "online") {
    throw new AppError("conflict", `${endpoint.name} answers batch jobs; its version changes by a comparison, not by a release.`, {
      hint: "Propose the version under Batch jobs, or with slipway batch propose.",
    });
  }
  if (actor.personId === null) throw new AppError("forbidden", "A release needs a person as its author.");
  const open = await tx.releases.openReleaseOf(endpoint.id);
  const id = newId();
  const superseded = open !== null && input.supersede ? await supersede({ tx, actor, now }, open, id) : [];
  if (open && !input.supersede) {
    throw new AppError("conflict", `Release ${open.number} of ${endpoint.name} is not over: ${RELEASE_LABELS[open.release.state].word.toLowerCase()}.`, {
      hint: "Let it end, cancel it or roll it back first.",
      details: { releaseNumber: open.number },
    });
  }
  const candidate = await tx.models.findVersion(endpoint.modelId, input.version);
  if (!candidate) {
    throw new AppError("invalid_input", `${endpoint.modelName} has no version ${input.version}.`, {
      errors: [{ pointer: "/version", message: "No such version." }],
    });
  }
  await requireTargetIn(tx, candidate.id, endpoint.environment);
  if (endpoint.stableVersionId === null) throw notFound();
  if (candidate.id === endpoint.stableVersionId) {
    throw new AppError("invalid_input", `${endpoint.modelName} ${candidate.name} is live on ${endpoint.name} already.`, {
      errors: [{ pointer: "/version", message: "This version is live here already." }],
    });
  }
  if (candidate.state === "quarantined" || candidate.state === "failed") {
    throw new AppError("requirements_open", `${endpoint.modelName} ${candidate.name} is ${candidate.state} and may not be released.`);
  }
  requireValidSignatures(`${endpoint.modelName} ${candidate.name}`, candidate.digest, await tx.scans.signaturesOf(candidate.id));
  const known = await tx.evidence.newestAbout([candidate.id]);
  const serving = await servingOf(tx, candidate, known.map(toFact), now.getTime());
  if (!serving.isServed) {
    throw new AppError("requirements_open", `${endpoint.modelName} ${candidate.name} cannot be released to ${endpoint.name}: ${serving.reason}`, {
      hint: serving.hint,
      errors: [{ pointer: "/version", message: serving.reason }],
      details: { format: candidate.format },
    });
  }
  const stable = await tx.models.getVersionById(endpoint.stableVersionId);
  const { riskTier } = await tx.models.getModel(endpoint.modelName);
  const scene = { ...endpoint.environment, riskTier };
  const written = input.drill === undefined ? input.plan : drillPlanFor(scene, input.drill);
  const plan = checkedPlan(written, input.strategy, scene);
  const planDigest = contentDigest(asJson(plan));
  const evidence = await tx.evidence.evidenceOf("version", candidate.id);
  const served = await tx.runtimeConfigurations.configurationOf(endpoint.id);
  const { policy } = endpoint.environment;
  const candidateAuthorId = (await tx.people.getPerson(candidate.authorId)).personId;
  // As things are now; fixed when it is submitted.
  const terms = await termsFor(tx, endpoint, riskTier, { authorId: actor.personId, candidateAuthorId }, now);
  const release: Release = {
    id,
    endpointId: endpoint.id,
    candidateVersionId: candidate.id,
    stableVersionId: stable.id,
    authorId: actor.personId,
    candidateAuthorId,
    plan,
    digest: boundDigest({
      endpointId: endpoint.id,
      candidateDigest: candidate.digest,
      stableDigest: stable.digest,
      planDigest,
      configurationDigest: served.digest,
      evidence,
    }),
    ...terms,
    approvals: [],
    expiresAtMs: now.getTime() + policy.approvalExpiresHours * 3_600_000,
    startsAutomatically: true,
    startsAtMs: input.startAt === undefined ? null : Date.parse(input.startAt),
    salt: newId(),
    state: "DRAFT",
    stateSinceMs: now.getTime(),
    stepIndex: null,
    stepEpoch: null,
    stepSinceMs: null,
    hold: null,
    acceptedHolds: [],
    epoch: null,
    firstWeightEpoch: null,
    promotionEpoch: null,
    reference: null,
    rollback: null,
    fencedRuntimeIds: [],
    isPreviousWarm: false,
    supersededById: null,
  };
  const tested = await backTests(tx, { endpointId: endpoint.id, versionId: stable.id }, plan, now);
  const given = await tx.releases.insertRelease({ release, planDigest, reason: input.reason ?? null, outcome: { backTests: tested }, ...(number === undefined ? {} : { number }) });
  const record = await tx.releases.getRelease({ id });
  return { release, record, number: given, terms, superseded, planDigest, configurationDigest: served.digest, candidate, stable, authorId: actor.personId };
}

/** A new release of an endpoint, as a draft or submitted at once. One release per endpoint may be under way. */
export const createRelease = command({
  name: "create-release",
  permission: "release:create",
  input: createReleaseBody,
  locate: locateEndpoint,
  async run({ tx, actor, input, now, located: { endpoint } }) {
    const made = await makeDraft({ tx, actor, now }, input, endpoint);
    const { release, record, number, superseded, planDigest, candidate, stable } = made;
    const { plan, id } = release;
    const created = {
      action: "release.created",
      targets: releaseTargets(record),
      after: { strategy: plan.strategy, plan: asJson(plan), planDigest, boundDigest: release.digest, configuration: made.configurationDigest, candidate: candidate.digest, stable: stable.digest },
      reason: input.reason ?? null,
    } as const;
    const catalogue = await catalogueInForce(tx);
    await tx.governance.pinCatalogue({ releaseId: id, version: catalogue.version, digest: contentDigest(asJson(catalogue.controls)) });
    const pinned = {
      action: "catalogue.pinned",
      targets: [...releaseTargets(record), { type: "catalogue", id: catalogue.version, name: `Catalogue ${catalogue.version}`, digest: null }],
      after: { version: catalogue.version },
    } as const;
    const facts = await recordPlanFacts(tx, record, now);
    if (!input.submit) return { result: { id, number, state: release.state }, audit: [created, ...superseded, pinned, ...facts] };

    const observed = await observe(tx, record, now);
    const step = applyPersonEvent(release, { type: "submit", by: made.authorId, terms: made.terms }, observed.observation, now.getTime());
    if (!step.ok) throw personRefused(step.refusal);
    const applied = await applyMove({ tx, record, actorName: actor.name }, step.move, groundsOf(record, step.move, observed, { personName: actor.name, rollbackMs: null }));
    return {
      result: { id, number, state: step.move.release.state },
      audit: [created, ...superseded, pinned, ...facts, ...applied.audit],
      forceCheckpoint: applied.forceCheckpoint,
    };
  },
});
