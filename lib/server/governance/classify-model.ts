import { z } from "zod";
import { classifyModelBody, recordDeliveryBody } from "#lib/contracts/governance-api.ts";
import { slug } from "#lib/contracts/registry-api.ts";
import type { AuditTarget } from "#lib/domain/audit/leaf.ts";
import { AppError } from "#lib/domain/errors.ts";
import { ANNEX_III_USES } from "#lib/domain/governance/catalogue/catalogues.ts";
import { ACT_CLASS_WORDS, classify } from "#lib/domain/governance/frameworks/profile.ts";
import { command } from "../command.ts";
import { asJson } from "../content-digest.ts";
import { newId } from "../new-id.ts";
import type { UnitOfWork } from "../ports.ts";
import { catalogueInForce } from "./load-grounds.ts";
import { recordFacts } from "./record-facts.ts";
import { modelSubject } from "./subjects.ts";

async function locateModel(tx: UnitOfWork, name: string) {
  const model = await tx.models.getModel(name);
  const targets: AuditTarget[] = [{ type: "model", id: model.id, name: model.name, digest: null }];
  return { environmentId: null, targets, model };
}

/** Answers about a system, and the class of it that follows. Which duties bind is computed from them; nobody chooses duties. */
export const classifyModel = command({
  name: "classify-model",
  permission: "model:classify",
  input: z.strictObject({ model: slug, body: classifyModelBody }),
  locate: ({ tx, input }) => locateModel(tx, input.model),
  async run({ tx, actor, input: { body }, now, located: { model, targets } }) {
    if (actor.userId === null) throw new AppError("forbidden", "A model is classified by a person.");
    const unknown = body.answers.annexIii.find((point) => !ANNEX_III_USES.some((use) => use.point === point));
    if (unknown !== undefined) {
      throw new AppError("invalid_input", `Annex III has no point ${unknown}.`, { errors: [{ pointer: "/answers/annexIii", message: `There is no point ${unknown}.` }] });
    }
    const facts = { jurisdictions: model.jurisdictions, sector: model.sector, riskTier: model.riskTier };
    const result = classify(body.answers, facts, now.getTime());
    const subject = modelSubject(model);
    const before = await tx.governance.classificationInForce(model.id);
    const id = newId();
    await tx.governance.insertClassification({
      id,
      modelId: model.id,
      answers: body.answers,
      actClass: result.actClass,
      because: result.because,
      rationale: body.rationale,
      catalogueVersion: (await catalogueInForce(tx)).version,
      modelDigest: subject.digest,
      decidedById: actor.userId,
      decidedByName: actor.name,
    });
    const recorded = await recordFacts(
      tx,
      [
        {
          kind: "risk_classification_recorded",
          subject,
          summary: `${ACT_CLASS_WORDS[result.actClass]}. ${result.because.join(" ")}`.trim(),
          details: { result: result.actClass, rationale: body.rationale, reviewer: actor.name, prohibited: result.actClass === "prohibited", answers: asJson(body.answers) },
          recordedById: actor.userId,
        },
      ],
      { producer: actor.name, producerVersion: "classifier/1", targets, now },
    );
    return {
      result: { id, model: model.name, actClass: result.actClass, because: [...result.because] },
      audit: [
        {
          action: "model.classified",
          targets: [...targets, { type: "classification", id, name: ACT_CLASS_WORDS[result.actClass], digest: null }],
          before: before === null ? null : { actClass: before.actClass, answers: asJson(before.answers) },
          after: { actClass: result.actClass, because: [...result.because], answers: asJson(body.answers) },
          reason: body.rationale,
        },
        ...recorded,
      ],
    };
  },
});

/** Who delivers the model to whom, who keeps the artifact, and who owes what. */
export const recordDelivery = command({
  name: "record-delivery",
  permission: "model:classify",
  input: z.strictObject({ model: slug, body: recordDeliveryBody }),
  locate: ({ tx, input }) => locateModel(tx, input.model),
  async run({ tx, actor, input: { body }, located: { model, targets } }) {
    if (actor.userId === null) throw new AppError("forbidden", "A delivery context is recorded by a person.");
    if (body.kind === "third_party" && body.client === null) {
      throw new AppError("invalid_input", "Name the client it is developed for.", { errors: [{ pointer: "/client", message: "Name the client." }] });
    }
    if (body.kind === "hybrid" && body.provider === null) {
      throw new AppError("invalid_input", "Name the provider whose layer it builds on.", { errors: [{ pointer: "/provider", message: "Name the provider." }] });
    }
    const before = await tx.governance.deliveryInForce(model.id);
    const id = newId();
    await tx.governance.insertDelivery({ id, modelId: model.id, ...body, recordedById: actor.userId, recordedByName: actor.name });
    return {
      result: { id, model: model.name, kind: body.kind },
      audit: {
        action: "model.delivery_recorded",
        targets,
        before: before === null ? null : { kind: before.kind, client: before.client, provider: before.provider, custodian: before.custodian, responsibilities: asJson(before.responsibilities) },
        after: { kind: body.kind, client: body.client, provider: body.provider, custodian: body.custodian, responsibilities: asJson(body.responsibilities) },
      },
    };
  },
});
