import { z } from "zod";
import { acknowledgeAlertBody, ruleKey, saveRulesBody, silenceBody } from "#lib/contracts/monitoring-api.ts";
import { completeRules, ruleKinds } from "#lib/domain/drift/alert-rules.ts";
import { AppError, notFound } from "#lib/domain/errors.ts";
import { command, unchanged } from "../command.ts";
import { asJson } from "../content-digest.ts";
import { newId } from "../new-id.ts";
import type { UnitOfWork } from "../ports.ts";
import { alertTargets } from "./raise-alert.ts";

const person = (userId: string | null): string => {
  if (userId === null) throw new AppError("forbidden", "Only a person can do this.");
  return userId;
};

async function endpointPlace(tx: UnitOfWork, name: string) {
  const endpoint = await tx.endpoints.getEndpoint({ name });
  return {
    environmentId: endpoint.environment.id,
    targets: [
      { type: "endpoint", id: endpoint.id, name: endpoint.name, digest: null },
      { type: "environment", id: endpoint.environment.id, name: endpoint.environment.name, digest: null },
      { type: "model", id: endpoint.modelId, name: endpoint.modelName, digest: null },
    ],
    endpoint,
  };
}

/** Somebody has seen it and says what happens next. It goes on firing until the signal is quiet. */
export const acknowledgeAlert = command({
  name: "acknowledge-alert",
  permission: "alert:acknowledge",
  input: acknowledgeAlertBody.extend({ number: z.number().int().positive() }),
  async locate({ tx, input }) {
    const alert = await tx.alerts.getAlert({ number: input.number });
    return { ...(await alertTargets(tx, alert)), alert };
  },
  async run({ tx, actor, input, now, located: { alert, targets } }) {
    const userId = person(actor.userId);
    if (alert.acknowledgedAt !== null) throw new AppError("conflict", "Somebody has acknowledged this alert already.", { hint: "Look again." });
    await tx.alerts.changeAlert(alert, { acknowledgedAt: now, acknowledgedById: userId, acknowledgement: input.note });
    return { result: { number: alert.number }, audit: { action: "alert.acknowledged", targets, reason: input.note } };
  },
});

/** Names the incident that an alert led to. The door for the incident desk; the same incident twice changes nothing. */
export const linkAlertToIncident = command({
  name: "link-alert-to-incident",
  permission: "alert:acknowledge",
  input: z.strictObject({ number: z.number().int().positive(), incidentId: z.uuid() }),
  async locate({ tx, input }) {
    const alert = await tx.alerts.getAlert({ number: input.number });
    return { ...(await alertTargets(tx, alert)), alert };
  },
  async run({ tx, input, located: { alert, targets } }) {
    if (alert.incidentId === input.incidentId) return unchanged({ number: alert.number });
    await tx.alerts.changeAlert(alert, { incidentId: input.incidentId });
    const incident = { type: "incident", id: input.incidentId, name: null, digest: null };
    return { result: { number: alert.number }, audit: { action: "alert.linked", targets: [...targets, incident] } };
  },
});

/** No messages about a rule, or about all of an endpoint, for a while. What is measured and shown does not change. */
export const silenceAlerts = command({
  name: "silence-alerts",
  permission: "alert:silence",
  input: silenceBody.extend({ endpoint: z.string().max(128) }),
  locate: ({ tx, input }) => endpointPlace(tx, input.endpoint),
  async run({ tx, actor, input, now, located: { endpoint, targets } }) {
    const id = newId();
    const until = new Date(now.getTime() + input.minutes * 60_000);
    await tx.alerts.insertSilence({ id, endpointId: endpoint.id, ruleKey: input.rule, reason: input.reason, until, createdById: person(actor.userId) });
    const name = input.rule === null ? "All rules" : ruleKinds[input.rule].title;
    return {
      result: { id, until: until.toISOString() },
      audit: {
        action: "alert.silenced",
        targets: [{ type: "silence", id, name, digest: null }, ...targets],
        after: { rule: input.rule, until: until.toISOString() },
        reason: input.reason,
      },
    };
  },
});

export const endSilence = command({
  name: "end-silence",
  permission: "alert:silence",
  input: z.strictObject({ silenceId: z.uuid() }),
  async locate({ tx, input }) {
    const silence = await tx.alerts.findSilence(input.silenceId);
    if (silence === null) throw notFound();
    const endpoint = await tx.endpoints.getEndpoint({ id: silence.endpointId });
    return { ...(await endpointPlace(tx, endpoint.name)), silence };
  },
  async run({ tx, input, now, located: { targets, silence } }) {
    if (!(await tx.alerts.endSilence(input.silenceId, now))) return unchanged({ id: silence.id });
    const name = silence.ruleKey === null ? "All rules" : (ruleKey.safeParse(silence.ruleKey).data ?? silence.ruleKey);
    return { result: { id: silence.id }, audit: { action: "alert.silence_ended", targets: [{ type: "silence", id: silence.id, name, digest: null }, ...targets] } };
  },
});

/** New rules for an endpoint, as a whole. Rules that are not named go back to their default. */
export const saveAlertRules = command({
  name: "save-alert-rules",
  permission: "alert:edit_rules",
  input: saveRulesBody.extend({ endpoint: z.string().max(128), expectedRowVersion: z.number().int().nonnegative().nullable() }),
  locate: ({ tx, input }) => endpointPlace(tx, input.endpoint),
  async run({ tx, actor, input, located: { endpoint, targets } }) {
    const seen = await tx.alerts.rulesOf(endpoint.id);
    if (input.expectedRowVersion !== null && input.expectedRowVersion !== seen.rowVersion) {
      throw new AppError("stale_version", "These rules were changed in the meantime.", { hint: "Look again and decide again." });
    }
    const next = completeRules(input.rules);
    const changed = next.filter((rule) => JSON.stringify(rule) !== JSON.stringify(seen.rules.find(({ key }) => key === rule.key)));
    if (changed.length === 0) return unchanged({ rowVersion: seen.rowVersion });
    const rowVersion = await tx.alerts.saveRules(endpoint.id, next, seen, person(actor.userId));
    return {
      result: { rowVersion },
      audit: {
        action: "alert.rules_changed",
        targets,
        before: { rules: asJson(seen.rules.filter(({ key }) => changed.some((rule) => rule.key === key))) },
        after: { rules: asJson(changed) },
        reason: input.reason,
      },
    };
  },
});
