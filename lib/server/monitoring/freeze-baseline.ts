import { z } from "zod";
import { freezeReference } from "#lib/domain/drift/baseline.ts";
import { binnedBy, mergePeriods } from "#lib/domain/drift/period.ts";
import { command, unchanged } from "../command.ts";
import { newId } from "../new-id.ts";
import type { UnitOfWork } from "../ports.ts";

/** Rows of a deployment's first traffic that its answers are compared with from then on. */
export const FREEZE_ROWS = 2000;
/** After this long fewer are enough: a quiet endpoint would else never have a reference. */
const PATIENCE_MS = 3_600_000;
const FREEZE_ROWS_LATER = 500;

/** What a deployment answered in its first hours, by the bins of its version. */
async function firstTraffic(tx: Pick<UnitOfWork, "rollups">, deployment: { endpointId: string; versionId: string; startedAt: Date }, binsHash: string, now: Date) {
  const until = new Date(Math.min(now.getTime(), deployment.startedAt.getTime() + 24 * PATIENCE_MS));
  const grainSeconds = now.getTime() - deployment.startedAt.getTime() > 2 * PATIENCE_MS ? 60 : 10;
  const { endpointId, versionId } = deployment;
  const from = new Date(Math.floor(deployment.startedAt.getTime() / 60_000) * 60_000);
  const found = await tx.rollups.stretches({ endpointId, versionId, grainSeconds, from, to: until });
  return binnedBy(mergePeriods(found.filter(({ arm }) => arm !== "shadow").map(({ period }) => period)), binsHash);
}

/**
 * Freezes what a version on an endpoint is compared with: the features' reference that came with it, and the distribution of its answers in the first traffic of its
 * deployment. Once per deployment, when there is enough of it; before that, and again after it, nothing changes.
 */
export const freezeBaseline = command({
  name: "freeze-baseline",
  permission: "alert:raise",
  input: z.strictObject({ endpointId: z.uuid(), versionId: z.uuid() }),
  async locate({ tx, input }) {
    const endpoint = await tx.endpoints.getEndpoint({ id: input.endpointId });
    const version = await tx.models.getVersionById(input.versionId);
    return {
      environmentId: endpoint.environment.id,
      targets: [
        { type: "endpoint", id: endpoint.id, name: endpoint.name, digest: null },
        { type: "environment", id: endpoint.environment.id, name: endpoint.environment.name, digest: null },
        { type: "model", id: endpoint.modelId, name: endpoint.modelName, digest: null },
        { type: "version", id: version.id, name: `${version.modelName} ${version.name}`, digest: version.digest },
      ],
    };
  },
  async run({ tx, input, now, located: { targets } }) {
    const open = await tx.endpoints.openDeployments(input.endpointId);
    const deployment = open.find(({ versionId }) => versionId === input.versionId);
    const came = await tx.baselines.baselineOfVersion(input.versionId);
    const frozen = await tx.baselines.frozenBaseline(input.endpointId, input.versionId);
    if (deployment === undefined || came === null || frozen?.deploymentId === deployment.id) return unchanged({ frozen: false });
    const counts = await firstTraffic(tx, deployment, came.binsHash, now);
    const isPatient = now.getTime() - deployment.startedAt.getTime() > PATIENCE_MS;
    if (counts === null || counts.rows < (isPatient ? FREEZE_ROWS_LATER : FREEZE_ROWS)) return unchanged({ frozen: false });
    const id = newId();
    await tx.baselines.insertBaseline({
      ...came,
      id,
      endpointId: input.endpointId,
      deploymentId: deployment.id,
      source: "first_traffic",
      rows: counts.rows,
      features: freezeReference(came.features, counts.features),
      outputs: freezeReference(came.outputs, counts.outputs),
    });
    return {
      result: { frozen: true },
      notify: [`monitoring:${input.endpointId}`],
      audit: {
        action: "baseline.frozen",
        targets: [{ type: "baseline", id, name: null, digest: came.binsHash }, { type: "deployment", id: deployment.id, name: null, digest: null }, ...targets],
        after: { rows: counts.rows, binsHash: came.binsHash, features: came.features.length, outputs: came.outputs.length },
      },
    };
  },
});
