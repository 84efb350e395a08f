import { z } from "zod";
import { slug } from "#lib/contracts/registry-api.ts";
import type { RunbookListView, RunbookRow, RunbookView } from "#lib/contracts/runbook-api.ts";
import { allowsSomewhere } from "#lib/domain/access/permissions.ts";
import { notFound } from "#lib/domain/errors.ts";
import type { RunbookNames, RunbookRecord } from "../db/runbook-repository.ts";
import { query } from "../read.ts";

const MAX_AGE_DAYS = 90;

/** What keeps a runbook from counting as documented and assigned: both duties held by able people who acknowledged the newest text in 90 days, and a place it is for. */
export function runbookGaps(row: Omit<RunbookRow, "gaps">, now: Date): string[] {
  const gaps = (["primary", "secondary"] as const).flatMap((duty) => {
    const held = row.people.filter((person) => person.duty === duty);
    if (held.length === 0) return [`Nobody is assigned as ${duty}.`];
    return held.flatMap(({ name, isAble, acknowledgedAt }) => {
      if (!isAble) return [`${name}’s account is disabled.`];
      if (acknowledgedAt === null) return [`${name} has not acknowledged version ${String(row.version)}.`];
      const ageDays = (now.getTime() - Date.parse(acknowledgedAt)) / 86_400_000;
      return ageDays > MAX_AGE_DAYS ? [`${name} acknowledged it more than ${String(MAX_AGE_DAYS)} days ago.`] : [];
    });
  });
  return row.endpoints.length + row.models.length === 0 ? [...gaps, "It is linked to no endpoint and no model."] : gaps;
}

export function runbookRow(runbook: RunbookRecord, names: RunbookNames, now: Date): RunbookRow {
  const newest = runbook.versions[0];
  if (newest === undefined) throw new Error(`Runbook ${runbook.name} has no version.`);
  const row = {
    name: runbook.name,
    title: runbook.title,
    version: newest.number,
    writtenAt: newest.writtenAt.toISOString(),
    writtenBy: newest.writtenBy,
    people: runbook.assignments.map(({ userId, duty }) => {
      const person = names.people.get(userId);
      const acknowledged = newest.acknowledgements.find((one) => one.userId === userId);
      return {
        userId,
        name: person?.name ?? "Unknown person",
        email: person?.email ?? "",
        duty,
        isAble: person?.isAble ?? false,
        acknowledgedAt: acknowledged?.at.toISOString() ?? null,
      };
    }),
    endpoints: runbook.links.flatMap(({ endpointId }) => (endpointId === null ? [] : [names.endpoints.get(endpointId) ?? endpointId])),
    models: runbook.links.flatMap(({ modelId }) => (modelId === null ? [] : [names.models.get(modelId) ?? modelId])),
  };
  return { ...row, gaps: runbookGaps(row, now) };
}

export const listRunbooks = query({
  name: "list-runbooks",
  permission: "runbook:read",
  of: "many",
  input: z.strictObject({}),
  async run({ db, actor, now }): Promise<RunbookListView> {
    const runbooks = await db.runbooks.listRunbooks();
    const names = await db.runbooks.namesOfRunbooks(runbooks);
    return {
      asOf: now.toISOString(),
      rows: runbooks.map((runbook) => runbookRow(runbook, names, now)),
      mayEdit: allowsSomewhere(actor, "runbook:edit"),
    };
  },
});

export const readRunbook = query({
  name: "read-runbook",
  permission: "runbook:read",
  of: "one",
  input: z.strictObject({ runbook: slug, version: z.number().int().positive().nullable().default(null) }),
  async run({ db, actor, input, now }): Promise<RunbookView> {
    const runbook = await db.runbooks.getRunbook(input.runbook);
    const row = runbookRow(runbook, await db.runbooks.namesOfRunbooks([runbook]), now);
    const shown = runbook.versions.find(({ number }) => number === (input.version ?? row.version));
    if (shown === undefined) throw notFound();
    const own = row.people.find(({ userId }) => userId === actor.userId);
    return {
      ...row,
      asOf: now.toISOString(),
      version: shown.number,
      text: shown.text,
      digest: shown.digest,
      versions: runbook.versions.map(({ number, digest, writtenBy, writtenAt }) => ({ number, digest, writtenBy, writtenAt: writtenAt.toISOString() })),
      mayEdit: allowsSomewhere(actor, "runbook:edit"),
      mayAcknowledge: own !== undefined && own.acknowledgedAt === null && allowsSomewhere(actor, "runbook:acknowledge"),
    };
  },
});
