import { z } from "zod";
import * as api from "#lib/contracts/runbook-api.ts";
import { slug } from "#lib/contracts/registry-api.ts";
import type { AuditDraft } from "#lib/domain/audit/leaf.ts";
import { AppError } from "#lib/domain/errors.ts";
import { command, unchanged } from "../command.ts";
import { contentDigest } from "../content-digest.ts";
import type { RunbookRecord } from "../db/runbook-repository.ts";
import { newId } from "../new-id.ts";
import type { AuditTarget } from "../ports.ts";

const bad = (pointer: string, message: string): AppError => new AppError("invalid_input", message, { errors: [{ pointer, message }] });
const targetOf = (runbook: { readonly id: string; readonly name: string }, digest: string | null = null): AuditTarget => ({
  type: "runbook",
  id: runbook.id,
  name: runbook.name,
  digest,
});
const newestOf = (runbook: RunbookRecord): number => runbook.versions[0]?.number ?? 0;
const standing = (runbook: RunbookRecord) => ({ name: runbook.name, version: newestOf(runbook) });

/** A new runbook, with the sections that every one has. */
export const createRunbook = command({
  name: "create-runbook",
  permission: "runbook:edit",
  input: api.createRunbookBody,
  async run({ tx, actor, input }) {
    if ((await tx.runbooks.findRunbook(input.name)) !== null) {
      throw new AppError("already_exists", `There is already a runbook named ${input.name}.`, { errors: [{ pointer: "/name", message: "This name is taken." }] });
    }
    const id = newId();
    const digest = contentDigest(input.text);
    await tx.runbooks.insertRunbook({ id, name: input.name, title: input.title });
    await tx.runbooks.insertRunbookVersion({ id: newId(), runbookId: id, number: 1, text: input.text, digest, writtenBy: actor.name });
    const audit: AuditDraft = { action: "runbook.written", targets: [targetOf({ id, name: input.name }, digest)], after: { version: 1, title: input.title, digest } };
    return { result: { name: input.name, version: 1 }, audit };
  },
});

const named = z.strictObject({ runbook: slug, body: z.unknown() });
type Base = { readonly tx: Parameters<Parameters<typeof command>[0]["run"]>[0]["tx"]; readonly input: { readonly runbook: string } };
const locate = async ({ tx, input }: Base) => {
  const runbook = await tx.runbooks.getRunbook(input.runbook);
  return { environmentId: null, targets: [targetOf(runbook)], runbook };
};

/** The next version of a runbook. What people acknowledged was the older one. */
export const writeRunbook = command({
  name: "write-runbook",
  permission: "runbook:edit",
  input: named,
  locate,
  async run({ tx, actor, input, located: { runbook } }) {
    const { text } = api.writeRunbookBody.parse(input.body);
    const digest = contentDigest(text);
    if (runbook.versions[0]?.digest === digest) return unchanged(standing(runbook));
    const number = newestOf(runbook) + 1;
    await tx.runbooks.insertRunbookVersion({ id: newId(), runbookId: runbook.id, number, text, digest, writtenBy: actor.name });
    return {
      result: { name: runbook.name, version: number },
      audit: { action: "runbook.written", targets: [targetOf(runbook, digest)], before: { version: newestOf(runbook) }, after: { version: number, digest } },
    };
  },
});

export const assignRunbook = command({
  name: "assign-runbook",
  permission: "runbook:edit",
  input: named,
  locate,
  async run({ tx, actor, input, located: { runbook, targets } }) {
    const { person, duty } = api.assignRunbookBody.parse(input.body);
    const userId = await tx.people.userIdByEmail(person);
    if (userId === null) throw bad("/person", `Nobody here has the address ${person}.`);
    const { name } = await tx.people.getPerson(userId);
    await tx.runbooks.putRunbookAssignment({ runbookId: runbook.id, userId, duty, assignedBy: actor.name });
    return { result: standing(runbook), audit: { action: "runbook.assigned", targets, after: { person: name, duty } } };
  },
});

export const linkRunbook = command({
  name: "link-runbook",
  permission: "runbook:edit",
  input: named,
  locate,
  async run({ tx, input, located: { runbook, targets } }) {
    const body = api.linkRunbookBody.parse(input.body);
    const endpoint = body.endpoint === undefined ? null : await tx.endpoints.getEndpoint({ name: body.endpoint }).catch(() => null);
    const model = body.model === undefined ? null : await tx.models.findModel(body.model);
    const place = endpoint ?? model;
    if (place === null) throw bad(body.endpoint === undefined ? "/model" : "/endpoint", "There is none of that name.");
    const link = { endpointId: endpoint?.id ?? null, modelId: endpoint === null ? (model?.id ?? null) : null };
    if (runbook.links.some((one) => one.endpointId === link.endpointId && one.modelId === link.modelId)) return unchanged(standing(runbook));
    await tx.runbooks.insertRunbookLink({ id: newId(), runbookId: runbook.id, ...link });
    const type = endpoint === null ? "model" : "endpoint";
    return {
      result: standing(runbook),
      audit: { action: "runbook.linked", targets: [...targets, { type, id: place.id, name: place.name, digest: null }], after: { [type]: place.name } },
    };
  },
});

/** Only whoever is assigned can acknowledge, and only the newest version. */
export const acknowledgeRunbook = command({
  name: "acknowledge-runbook",
  permission: "runbook:acknowledge",
  input: named,
  locate,
  async run({ tx, actor, input, located: { runbook, targets } }) {
    const { version } = api.acknowledgeRunbookBody.parse(input.body);
    const newest = runbook.versions[0];
    if (actor.userId === null || actor.type !== "person") throw new AppError("forbidden", "A runbook is acknowledged by a person, signed in.");
    if (newest === undefined || newest.number !== version) throw new AppError("stale_version", "There is a newer version. Read it, then acknowledge.");
    if (!runbook.assignments.some(({ userId }) => userId === actor.userId)) throw new AppError("forbidden", "Only whoever is assigned acknowledges.");
    if (!(await tx.runbooks.insertRunbookAcknowledgement({ versionId: newest.id, userId: actor.userId }))) return unchanged(standing(runbook));
    return { result: standing(runbook), audit: { action: "runbook.acknowledged", targets, after: { version, digest: newest.digest } } };
  },
});
