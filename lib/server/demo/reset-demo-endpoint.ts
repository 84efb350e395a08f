import { z } from "zod";
import { slug, versionName } from "#lib/contracts/registry-api.ts";
import { AppError } from "#lib/domain/errors.ts";
import type { AuditDraft } from "#lib/domain/audit/leaf.ts";
import { command, unchanged } from "../command.ts";
import { asJson } from "../content-digest.ts";
import { newId } from "../new-id.ts";

/**
 * Puts an endpoint of the demonstration back to the version its story begins with. Only where the environment is the
 * demonstration's own and no release is under way; a real endpoint goes back by a release or a roll back.
 */
export const resetDemoEndpoint = command({
  name: "reset-demo-endpoint",
  permission: "install:manage",
  input: z.strictObject({ endpoint: slug, stable: versionName }),
  async run({ tx, actor, input }) {
    const endpoint = await tx.endpoints.getEndpoint({ name: input.endpoint });
    if (!endpoint.environment.demo) throw new AppError("forbidden", `${endpoint.name} is not part of the demonstration.`);
    const open = await tx.releases.openReleaseOf(endpoint.id);
    if (open) throw new AppError("conflict", `Release ${open.number} of ${endpoint.name} is not over.`);
    const version = await tx.models.findVersion(endpoint.modelId, input.stable);
    if (!version) throw new AppError("invalid_input", `${endpoint.modelName} has no version ${input.stable}.`);
    const route = await tx.endpoints.currentRoute(endpoint.id);
    if (endpoint.stableVersionId === version.id && route?.releaseId === null) return unchanged({ epoch: endpoint.epoch });

    const targets = [
      { type: "endpoint", id: endpoint.id, name: endpoint.name, digest: null },
      { type: "environment", id: endpoint.environment.id, name: endpoint.environment.name, digest: null },
      { type: "version", id: version.id, name: `${endpoint.modelName} ${version.name}`, digest: version.digest },
    ];
    const deployments: AuditDraft[] = [];
    const here = await tx.endpoints.openDeployments(endpoint.id);
    for (const deployment of here) {
      if (deployment.versionId === version.id) continue;
      const reason = "The demonstration began again.";
      await tx.endpoints.endDeployment({ endpointId: endpoint.id, versionId: deployment.versionId, endedBy: actor.name, endReason: reason });
      deployments.push({ action: "deployment.ended", targets, reason, after: { versionId: deployment.versionId } });
    }
    if (!here.some(({ versionId }) => versionId === version.id)) {
      await tx.endpoints.startDeployment({ id: newId(), endpointId: endpoint.id, versionId: version.id, releaseId: null, startedBy: actor.name });
      deployments.push({ action: "deployment.started", targets, after: { arm: "stable", weightBp: 10_000 } });
    }
    const arms = [{ versionId: version.id, arm: "stable" as const, weightBp: 10_000 }];
    const epoch = await tx.endpoints.appendRoute({
      id: newId(),
      endpointId: endpoint.id,
      salt: newId(),
      releaseId: null,
      arms,
      latencyThresholdsUs: null,
      leaseSeconds: null,
      cause: "completion",
      actor: actor.name,
    });
    await tx.endpoints.setStableVersion(endpoint.id, version.id);
    return {
      result: { epoch },
      notify: ["desired-state"],
      audit: [
        { action: "demo.reset", targets, after: { stable: version.name, epoch } },
        { action: "route.changed", targets, before: { epoch: route?.epoch ?? null }, after: { epoch, arms: asJson(arms) } },
        ...deployments,
      ],
    };
  },
});
