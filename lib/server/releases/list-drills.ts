import { drillListQuery, type DrillListView } from "#lib/contracts/views/drill-list-view.ts";
import { allowsSomewhere, environmentsAllowed } from "#lib/domain/access/permissions.ts";
import { faultText } from "#lib/domain/release/strategy-words.ts";
import { query } from "../read.ts";
import { drillResult } from "./drill-result.ts";

const MOST = 200;

/** Rollback drills, newest first: what was put in, whether it was found, and how long the way back took. */
export const listDrills = query({
  name: "list-drills",
  permission: "release:read",
  of: "many",
  input: drillListQuery,
  async run({ db, actor, now }): Promise<DrillListView> {
    const records = await db.releases.drills(environmentsAllowed(actor, "release:read"), MOST);
    const rows: DrillListView["rows"] = [];
    for (const record of records) {
      const { release } = record;
      const { drill } = release.plan;
      if (drill === undefined) continue;
      const result = drillResult(release, await db.releases.decisionsOf(release.id), record.outcome?.rollbackMs ?? null);
      rows.push({
        releaseNumber: record.number,
        modelName: record.modelName,
        versionName: record.candidateName,
        endpointName: record.endpointName,
        environmentName: record.environmentName,
        at: record.createdAt.toISOString(),
        fault: faultText(drill.fault),
        state: release.state,
        passed: result?.passed ?? null,
        detectedMs: result?.detectedMs ?? null,
        restoredMs: result?.restoredMs ?? null,
        objectiveSeconds: drill.objectiveSeconds,
        summary: result?.summary ?? "Running.",
      });
    }
    const endpoints = (await db.endpoints.listEndpoints()).filter(({ environment, stableVersionId }) => environment.policy.faultInjection && stableVersionId !== null);
    const mayDrill = allowsSomewhere(actor, "release:create");
    return {
      asOf: now.toISOString(),
      rows,
      endpoints: endpoints.map(({ name, environment, modelName }) => ({ name, environmentName: environment.name, modelName })),
      mayDrill: { open: mayDrill, closedBecause: mayDrill ? null : "Open to engineers and ML leads." },
    };
  },
});
