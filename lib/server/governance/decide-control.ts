import { z } from "zod";
import { changeEnvelopeBody, chooseCatalogueBody, decideControlBody } from "#lib/contracts/governance-api.ts";
import { slug } from "#lib/contracts/registry-api.ts";
import type { AuditTarget } from "#lib/domain/audit/leaf.ts";
import { AppError } from "#lib/domain/errors.ts";
import { findCatalogue } from "#lib/domain/governance/catalogue/catalogues.ts";
import { diffCatalogues } from "#lib/domain/governance/catalogue/diff-catalogues.ts";
import { command } from "../command.ts";
import { asJson, contentDigest } from "../content-digest.ts";
import { newId } from "../new-id.ts";
import { catalogueInForce } from "./load-grounds.ts";
import { recordFacts } from "./record-facts.ts";
import { modelSubject } from "./subjects.ts";

/** A signed word on one control of one model, with a reason and an end. */
export const decideControl = command({
  name: "decide-control",
  permission: "control:decide",
  input: z.strictObject({ model: slug, body: decideControlBody }),
  async locate({ tx, input }) {
    const model = await tx.models.getModel(input.model);
    const targets: AuditTarget[] = [{ type: "model", id: model.id, name: model.name, digest: null }];
    return { environmentId: null, targets, model };
  },
  async run({ tx, actor, input: { body }, now, located: { model, targets } }) {
    if (actor.userId === null || actor.type !== "person") throw new AppError("forbidden", "A decision on a control is signed by a person.");
    const control = (await catalogueInForce(tx)).controls.find(({ id }) => id === body.controlId);
    if (control === undefined) {
      throw new AppError("invalid_input", `The catalogue has no control ${body.controlId}.`, { errors: [{ pointer: "/controlId", message: "No such control." }] });
    }
    const id = newId();
    const expiresAt = new Date(now.getTime() + body.days * 86_400_000);
    await tx.governance.insertControlDecision({ id, modelId: model.id, controlId: control.id, decision: body.decision, reason: body.reason, signedById: actor.userId, signedName: actor.name, expiresAt });
    return {
      result: { id, controlId: control.id, expiresAt: expiresAt.toISOString() },
      audit: {
        action: "control.decided",
        targets: [{ type: "control", id: control.id, name: control.citation, digest: null }, ...targets],
        after: { decision: body.decision, expiresAt: expiresAt.toISOString() },
        reason: body.reason,
      },
    };
  },
});

/** Puts another shipped catalogue in force. Releases keep the one they were judged by. */
export const chooseCatalogue = command({
  name: "choose-catalogue",
  permission: "catalogue:choose",
  input: chooseCatalogueBody,
  async run({ tx, actor, input }) {
    if (actor.userId === null) throw new AppError("forbidden", "A catalogue is chosen by a person.");
    const next = findCatalogue(input.version);
    if (next === null) throw new AppError("invalid_input", `There is no catalogue ${input.version}.`, { errors: [{ pointer: "/version", message: "No such catalogue." }] });
    const before = await catalogueInForce(tx);
    if (before.version === next.version) throw new AppError("conflict", `Catalogue ${next.version} is in force already.`);
    const digest = contentDigest(asJson(next.controls));
    const id = newId();
    await tx.governance.insertCatalogueChoice({ id, version: next.version, digest, reason: input.reason, chosenById: actor.userId, chosenByName: actor.name });
    const diff = diffCatalogues(before, next);
    return {
      result: { version: next.version, digest },
      audit: {
        action: "catalogue.chosen",
        targets: [{ type: "catalogue", id: next.version, name: `Catalogue ${next.version}`, digest }],
        before: { version: before.version },
        after: { version: next.version, added: diff.added.length, removed: diff.removed.length, changed: diff.changed.length, newEvidence: [...diff.newEvidence] },
        reason: input.reason,
      },
    };
  },
});

/** The change plan of a model, as authorised. From now on every release of the model is held against it. */
export const registerEnvelope = command({
  name: "register-change-plan",
  permission: "control:decide",
  input: z.strictObject({ model: slug, body: changeEnvelopeBody }),
  async locate({ tx, input }) {
    const model = await tx.models.getModel(input.model);
    const targets: AuditTarget[] = [{ type: "model", id: model.id, name: model.name, digest: null }];
    return { environmentId: null, targets, model };
  },
  async run({ tx, actor, input: { body }, now, located: { model, targets } }) {
    if (actor.userId === null) throw new AppError("forbidden", "A change plan is registered by a person.");
    const names = body.modifications.map(({ id }) => id);
    if (new Set(names).size !== names.length) {
      throw new AppError("invalid_input", "Two modifications have the same id.", { errors: [{ pointer: "/modifications", message: "Give each its own id." }] });
    }
    const digest = contentDigest(asJson(body));
    const id = newId();
    await tx.governance.insertEnvelope({ id, modelId: model.id, planVersion: body.planVersion, status: body.status, document: body, digest, registeredById: actor.userId, registeredByName: actor.name });
    const recorded = await recordFacts(
      tx,
      [
        {
          kind: "pccp_document_registered",
          subject: modelSubject(model),
          summary: `Change plan ${body.planVersion}, ${body.status}, ${body.authorisationRef}: ${body.modifications.length} allowed modifications, ${body.criteria.length} acceptance criteria.`,
          details: { authorisationRef: body.authorisationRef, planVersion: body.planVersion, modifications: body.modifications.length, authorised: body.status === "authorised" },
          inputsHash: digest,
          recordedById: actor.userId,
        },
      ],
      { producer: actor.name, producerVersion: "change plan", targets, now },
    );
    return {
      result: { id, model: model.name, planVersion: body.planVersion, digest },
      audit: [
        {
          action: "envelope.registered",
          targets: [{ type: "change_plan", id, name: `${model.name} plan ${body.planVersion}`, digest }, ...targets],
          after: { planVersion: body.planVersion, status: body.status, authorisationRef: body.authorisationRef, modifications: names, digest },
        },
        ...recorded,
      ],
    };
  },
});
