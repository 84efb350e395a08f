import type { RouteCause } from "#lib/domain/routing/route-table.ts";
import type { EndpointRecord } from "../db/endpoint-repository.ts";
import { newId } from "../new-id.ts";
import type { Actor, AuditDraft, AuditTarget, UnitOfWork } from "../ports.ts";

/** Puts a version on an endpoint that has no live traffic to divide (jobs, devices): it is the stable one from now on, and the history of what was live has it. */
export async function switchVersion(
  tx: UnitOfWork,
  actor: Actor,
  endpoint: EndpointRecord,
  move: { from: string; to: string; cause: RouteCause; reason: string },
  targets: readonly AuditTarget[],
): Promise<AuditDraft[]> {
  const version = await tx.models.getVersionById(move.to);
  await tx.endpoints.setStableVersion(endpoint.id, move.to);
  const arms = [{ versionId: move.to, arm: "stable", weightBp: 10_000 }] as const;
  const epoch = await tx.endpoints.appendRoute({
    id: newId(),
    endpointId: endpoint.id,
    salt: endpoint.id,
    releaseId: null,
    arms,
    latencyThresholdsUs: null,
    leaseSeconds: null,
    cause: move.cause,
    actor: actor.name,
  });
  const isEnded = await tx.endpoints.endDeployment({ endpointId: endpoint.id, versionId: move.from, endedBy: actor.name, endReason: move.reason });
  const deploymentId = newId();
  await tx.endpoints.startDeployment({ id: deploymentId, endpointId: endpoint.id, versionId: move.to, releaseId: null, startedBy: actor.name });
  const subject: AuditTarget = { type: "version", id: version.id, name: `${version.modelName} ${version.name}`, digest: version.digest };
  const ended: AuditDraft[] = isEnded ? [{ action: "deployment.ended", targets, reason: move.reason, after: { versionId: move.from } }] : [];
  return [
    ...ended,
    { action: "route.changed", targets: [...targets, subject], after: { epoch, cause: move.cause, version: version.name } },
    { action: "deployment.started", targets: [{ type: "deployment", id: deploymentId, name: null, digest: null }, ...targets, subject], after: { epoch } },
  ];
}
