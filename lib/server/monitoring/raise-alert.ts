import { z } from "zod";
import { COOLDOWN_SECONDS, ruleKinds, ruleKeys } from "#lib/domain/drift/alert-rules.ts";
import type { AuditDraft, AuditTarget } from "#lib/domain/audit/leaf.ts";
import { command, unchanged, type Changed, type Unchanged } from "../command.ts";
import type { AlertRecord } from "../db/alert-repository.ts";
import type { RuleStanding } from "../db/monitor-repository.ts";
import { newId } from "../new-id.ts";
import { policyActor } from "../ports.ts";
import type { UnitOfWork } from "../ports.ts";

export const MONITOR_ACTOR = policyActor("Monitors");

/** What an entry about an alert names, so that it is found from each of them. */
export async function alertTargets(tx: Pick<UnitOfWork, "endpoints" | "models">, alert: Pick<AlertRecord, "id" | "number" | "title" | "endpointId" | "versionId">): Promise<{ environmentId: string; targets: AuditTarget[] }> {
  const endpoint = await tx.endpoints.getEndpoint({ id: alert.endpointId });
  const version = await tx.models.getVersionById(alert.versionId);
  return {
    environmentId: endpoint.environment.id,
    targets: [
      { type: "alert", id: alert.id, name: `Alert ${String(alert.number)}: ${alert.title}`, digest: null },
      { type: "endpoint", id: endpoint.id, name: endpoint.name, digest: null },
      { type: "environment", id: endpoint.environment.id, name: endpoint.environment.name, digest: null },
      { type: "model", id: endpoint.modelId, name: endpoint.modelName, digest: null },
      { type: "version", id: version.id, name: `${version.modelName} ${version.name}`, digest: version.digest },
    ],
  };
}

export type Settled = {
  readonly id: string;
  readonly number: number;
  /** `kept quiet`: opened, but silenced or fired again within its cooldown, so nobody is told. */
  readonly happened: "fired" | "kept quiet" | "resolved" | "nothing";
};

const input = z.strictObject({ endpointId: z.uuid(), versionId: z.uuid(), ruleKey: z.enum(ruleKeys) });

const facts = ({ value, limit, sentence, subjects }: Pick<RuleStanding, "value" | "limit" | "sentence" | "subjects">) => ({
  value,
  limit,
  sentence,
  subjects: [...subjects],
});

async function openAlert(tx: UnitOfWork, standing: RuleStanding, now: Date): Promise<{ id: string; number: number; audit: AuditDraft; told: boolean }> {
  const { endpointId, versionId, ruleKey } = standing;
  const kind = ruleKinds[ruleKey];
  const newest = await tx.alerts.newestAlert({ endpointId, versionId, ruleKey });
  const silenced = (await tx.alerts.silencesOf(endpointId, now)).some((one) => one.ruleKey === null || one.ruleKey === ruleKey);
  if (newest?.resolvedAt && now.getTime() - newest.resolvedAt.getTime() < COOLDOWN_SECONDS * 1000) {
    await tx.alerts.changeAlert(newest, { ...facts(standing), resolvedAt: null, refiredAt: now });
    const { targets } = await alertTargets(tx, newest);
    return { id: newest.id, number: newest.number, told: false, audit: { action: "alert.refired", targets, after: facts(standing) } };
  }
  const endpoint = await tx.endpoints.getEndpoint({ id: endpointId });
  const { rules } = await tx.alerts.rulesOf(endpointId);
  const rule = rules.find(({ key }) => key === ruleKey);
  const id = newId();
  const alert = {
    id,
    endpointId,
    versionId,
    ruleKey,
    environmentId: endpoint.environment.id,
    modelId: endpoint.modelId,
    signalClass: kind.signalClass,
    severity: rule?.severity ?? "ticket",
    title: kind.title,
    firedAt: now,
    ...facts(standing),
  };
  const number = await tx.alerts.insertAlert(alert);
  const { targets } = await alertTargets(tx, { ...alert, number });
  return { id, number, told: !silenced, audit: { action: "alert.fired", targets, after: { ...facts(standing), severity: alert.severity, silenced } } };
}

/**
 * Brings the alert of one rule on one version in line with where the rule stands: opens it, opens it again within its cooldown, names features that joined,
 * or resolves it. Level-triggered: doing it twice changes nothing.
 */
export const settleAlert = command({
  name: "settle-alert",
  permission: "alert:raise",
  input,
  async locate({ tx, input: { endpointId } }) {
    const endpoint = await tx.endpoints.getEndpoint({ id: endpointId });
    return { environmentId: endpoint.environment.id, targets: [{ type: "endpoint", id: endpoint.id, name: endpoint.name, digest: null }] };
  },
  async run({ tx, input, now }): Promise<Changed<Settled> | Unchanged<Settled>> {
    const standing = (await tx.monitors.standingsOf([input.endpointId])).find((one) => one.versionId === input.versionId && one.ruleKey === input.ruleKey);
    const newest = await tx.alerts.newestAlert(input);
    const open = newest !== null && newest.resolvedAt === null ? newest : null;
    const isFiring = standing !== undefined && (standing.memory.known === "FIRING" || standing.memory.known === "RESOLVING");
    if (isFiring && open === null) {
      const { id, number, audit, told } = await openAlert(tx, standing, now);
      return { result: { id, number, happened: told ? "fired" : "kept quiet" }, audit };
    }
    if (open !== null && !isFiring) {
      await tx.alerts.changeAlert(open, { resolvedAt: now });
      const { targets } = await alertTargets(tx, open);
      const reason = standing === undefined ? "The version no longer answers here, or the rule is off." : "Quiet for three windows.";
      return { result: { id: open.id, number: open.number, happened: "resolved" }, audit: { action: "alert.resolved", targets, reason } };
    }
    return unchanged({ id: open?.id ?? "", number: open?.number ?? 0, happened: "nothing" });
  },
});
