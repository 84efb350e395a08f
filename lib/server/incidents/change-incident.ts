import { z } from "zod";
import * as api from "#lib/contracts/incident-api.ts";
import type { AuditDraft } from "#lib/domain/audit/leaf.ts";
import { AppError } from "#lib/domain/errors.ts";
import { closingRefusals, INCIDENT_STATE_LABELS, nextIncidentStates } from "#lib/domain/incident/incident.ts";
import { command } from "../command.ts";
import { asJson, contentDigest } from "../content-digest.ts";
import type { IncidentChange, IncidentRecord } from "../db/incident-repository.ts";
import { newId } from "../new-id.ts";
import type { Actor, AuditTarget, UnitOfWork } from "../ports.ts";
import { clocksOfIncident } from "./incident-clocks.ts";

type Scene = { readonly tx: UnitOfWork; readonly actor: Actor; readonly now: Date; readonly incident: IncidentRecord; readonly sector: string | null };

/** What an act leaves behind: the change of the incident, its line in the timeline, its entry in the trail. */
type Outcome = {
  readonly change?: IncidentChange;
  readonly line: { readonly kind: string; readonly text: string; readonly at?: Date };
  readonly audit: Omit<AuditDraft, "targets">;
};

async function targetsOf(tx: UnitOfWork, incident: IncidentRecord): Promise<AuditTarget[]> {
  const names = await tx.incidents.namesOfIncidents([incident]);
  const target = (type: string, id: string | null, name: string | undefined): AuditTarget[] =>
    id === null ? [] : [{ type, id, name: name ?? null, digest: null }];
  return [
    { type: "incident", id: incident.id, name: `Incident ${String(incident.number)}`, digest: null },
    ...target("release", incident.releaseId, incident.releaseId === null ? undefined : `Release ${String(names.releaseNumbers.get(incident.releaseId))}`),
    ...target("endpoint", incident.endpointId, names.endpoints.get(incident.endpointId ?? "")?.name),
    ...target("environment", incident.environmentId, names.environments.get(incident.environmentId ?? "")?.name),
    ...target("model", incident.modelId, names.models.get(incident.modelId ?? "")?.name),
    ...target("version", incident.versionId, names.versions.get(incident.versionId ?? "")?.name),
  ];
}

/** One act on an incident: locked, decided, written with its line in the timeline and its entry in the trail. */
function act<S extends z.ZodObject>(name: string, body: S, decide: (input: z.output<S>, scene: Scene) => Promise<Outcome> | Outcome) {
  return command({
    name,
    permission: "incident:edit",
    input: z.strictObject({ number: z.number().int().positive(), body: z.unknown() }),
    async locate({ tx, input }) {
      const incident = await tx.incidents.lockIncident(input.number);
      return { environmentId: incident.environmentId, targets: await targetsOf(tx, incident), incident };
    },
    async run({ tx, actor, input, now, located: { incident, targets } }) {
      const names = await tx.incidents.namesOfIncidents([incident]);
      const sector = names.models.get(incident.modelId ?? "")?.sector ?? null;
      const outcome = await decide(body.parse(input.body), { tx, actor, now, incident, sector });
      const { kind, text, at } = outcome.line;
      await tx.incidents.insertIncidentEntry({ id: newId(), incidentId: incident.id, at: at ?? now, kind, text, by: actor.name });
      await tx.incidents.saveIncident(incident, outcome.change ?? {});
      const state = z.enum(["open", "contained", "resolved", "closed"]).catch(incident.state).parse(outcome.change?.state);
      return {
        result: { id: incident.id, number: incident.number, state, rowVersion: incident.rowVersion + 1 },
        audit: { ...outcome.audit, targets },
        forceCheckpoint: outcome.audit.action === "incident.reported" || outcome.audit.action === "incident.closed",
      };
    },
  });
}

const bad = (pointer: string, message: string): AppError => new AppError("invalid_input", message, { errors: [{ pointer, message }] });

async function personOf(tx: UnitOfWork, email: string, pointer: string): Promise<{ id: string; name: string }> {
  const id = await tx.people.userIdByEmail(email);
  if (id === null) throw bad(pointer, `Nobody here has the address ${email}.`);
  return tx.people.getPerson(id);
}

export const changeIncident = act("change-incident", api.changeIncidentBody, (input, { incident, now }) => {
  const { reason, awareAt, ...rest } = input;
  if (awareAt !== undefined && new Date(awareAt) > now) throw bad("/awareAt", "Nobody can have known of it later than now.");
  const given = Object.entries({ ...rest, awareAt }).filter(([, value]) => value !== undefined);
  if (given.length === 0) throw bad("/reason", "Nothing is changed.");
  const before = Object.fromEntries(given.map(([key]) => [key, key === "awareAt" ? incident.awareAt.toISOString() : asJson(incident[key as keyof typeof rest])]));
  return {
    change: {
      ...(rest.severity === undefined ? {} : { severity: rest.severity }),
      ...(rest.harms === undefined ? {} : { harms: rest.harms }),
      ...(rest.lawRoles === undefined ? {} : { lawRoles: rest.lawRoles }),
      ...(rest.jurisdictions === undefined ? {} : { jurisdictions: rest.jurisdictions }),
      ...(awareAt === undefined ? {} : { awareAt: new Date(awareAt) }),
    },
    line: { kind: "facts", text: `Corrected ${given.map(([key]) => FACT_WORDS[key] ?? key).join(", ")}: ${reason}` },
    audit: { action: "incident.updated", before, after: Object.fromEntries(given.map(([key, value]) => [key, asJson(value)])), reason },
  };
});

const FACT_WORDS: Readonly<Record<string, string>> = {
  severity: "severity",
  harms: "what it did",
  lawRoles: "who we are",
  jurisdictions: "jurisdictions",
  awareAt: "the moment of awareness",
};

export const moveIncident = act("move-incident", api.moveIncidentBody, ({ state, reason }, { incident, sector, now }) => {
  if (!nextIncidentStates(incident.state).includes(state)) {
    throw new AppError("illegal_transition", `Incident ${String(incident.number)} is ${INCIDENT_STATE_LABELS[incident.state].toLowerCase()} and cannot become ${INCIDENT_STATE_LABELS[state].toLowerCase()} from there.`);
  }
  if (state === "closed") {
    const refusals = closingRefusals({
      severity: incident.severity,
      hasPostMortem: incident.postMortem !== null,
      actions: incident.actions,
      clocks: clocksOfIncident(incident, sector, now),
    });
    if (refusals.length > 0) throw new AppError("requirements_open", refusals.join(" "), { hint: "Do what is owed first, or correct the facts with a reason." });
  }
  const action = state === "closed" ? "incident.closed" : incident.state === "closed" ? "incident.reopened" : "incident.updated";
  return {
    change: { state, closedAt: state === "closed" ? now : null },
    line: { kind: "state", text: `${INCIDENT_STATE_LABELS[state]}: ${reason}` },
    audit: { action, before: { state: incident.state }, after: { state }, reason },
  };
});

export const addIncidentEntry = act("add-incident-entry", api.addIncidentEntryBody, ({ text, at }, { now }) => {
  if (at !== undefined && new Date(at) > now) throw bad("/at", "That has not happened yet.");
  return { line: { kind: "note", text, ...(at === undefined ? {} : { at: new Date(at) }) }, audit: { action: "incident.updated", after: { note: text } } };
});

export const addIncidentPerson = act("add-incident-person", api.addIncidentPersonBody, async ({ person, duty }, { tx, incident }) => {
  const { id, name } = await personOf(tx, person, "/person");
  await tx.incidents.putIncidentPerson({ incidentId: incident.id, userId: id, duty });
  return {
    ...(duty === "lead" ? { change: { ownerId: id } } : {}),
    line: { kind: "person", text: `${name} joined as ${duty}.` },
    audit: { action: "incident.updated", after: { person: name, duty } },
  };
});

export const addIncidentAction = act("add-incident-action", api.addIncidentActionBody, async ({ title, owner, dueAt }, { tx, incident, now }) => {
  const { id: ownerId, name } = await personOf(tx, owner, "/owner");
  if (new Date(dueAt) <= now) throw bad("/dueAt", "That is past already.");
  const id = newId();
  await tx.incidents.insertIncidentAction({ id, incidentId: incident.id, title, ownerId, dueAt: new Date(dueAt) });
  return {
    line: { kind: "action", text: `Corrective action for ${name}: ${title}` },
    audit: { action: "incident.updated", after: { actionId: id, correctiveAction: title, owner: name, dueAt } },
  };
});

export const endIncidentAction = act(
  "end-incident-action",
  api.endIncidentActionBody.extend({ actionId: z.uuid() }),
  async ({ actionId, state, note }, { tx, incident, now }) => {
    const action = incident.actions.find(({ id }) => id === actionId);
    if (action === undefined) throw bad("/actionId", "This incident has no such action.");
    if (!(await tx.incidents.endIncidentAction({ id: actionId, incidentId: incident.id, state, note, endedAt: now }))) {
      throw new AppError("conflict", "This action is done or dropped already.");
    }
    return {
      line: { kind: "action", text: `${state === "done" ? "Done" : "Dropped"}: ${action.title}. ${note}` },
      audit: { action: "incident.updated", before: { actionId, state: "open" }, after: { actionId, state, note } },
    };
  },
);

export const sendIncidentReport = act("send-incident-report", api.sendIncidentReportBody, async (input, { tx, actor, incident, sector, now }) => {
  const sentAt = new Date(input.sentAt);
  if (sentAt > now) throw bad("/sentAt", "That has not been sent yet.");
  if (sentAt < incident.awareAt) throw bad("/sentAt", "It cannot have been sent before anybody knew.");
  const clock = clocksOfIncident(incident, sector, now).find(({ rule }) => rule.id === input.clockId);
  if (input.clockId !== null && clock === undefined) throw bad("/clockId", "No such clock runs for this incident.");
  const id = newId();
  const digest = contentDigest({ kind: input.kind, clockId: input.clockId, recipient: input.recipient, text: input.text, sentAt: input.sentAt });
  await tx.incidents.insertIncidentReport({ ...input, id, incidentId: incident.id, sentAt, digest, writtenBy: actor.name });
  return {
    line: { kind: "report", at: sentAt, text: `${REPORT_WORDS[input.kind]} sent to ${input.recipient}${clock === undefined ? "" : ` under ${clock.rule.citation}`}.` },
    audit: {
      action: "incident.reported",
      after: { reportId: id, kind: input.kind, clockId: input.clockId, recipient: input.recipient, sentAt: input.sentAt, reference: input.reference, digest },
    },
  };
});

const REPORT_WORDS = { initial: "Initial report", complete: "Complete report", follow_up: "Follow-up report" } as const;

export const writePostMortem = act("write-post-mortem", api.postMortemBody, (input, { actor, incident, now }) => ({
  change: { postMortem: { ...input, by: actor.name, at: now.toISOString() } },
  line: { kind: "post_mortem", text: incident.postMortem === null ? "Post-mortem written." : "Post-mortem written anew." },
  audit: { action: "incident.updated", before: incident.postMortem === null ? null : { postMortem: incident.postMortem }, after: { postMortem: input } },
}));
