import { drillListQuery, type DrillListView } from "#lib/contracts/views/drill-list-view.ts";
import { allowsSomewhere, environmentsAllowed } from "#lib/domain/access/permissions.ts";
import { faultText } from "#lib/domain/release/strategy-words.ts";
import type { ReadModels } from "../ports.ts";
import { query } from "../read.ts";
import { drillResult } from "./drill-result.ts";

const MOST = 200;

/** Until when each finished drill counts as evidence, by the release that was the drill. */
async function expiries(db: ReadModels, versionIds: ReadonlySet<string>): Promise<Map<unknown, string>> {
  const found = new Map<unknown, string>();
  for (const versionId of versionIds) {
    for (const { kind, details, expiresAt } of await db.evidence.evidenceOf("version", versionId)) {
      if (kind === "rollback_drill_passed" && expiresAt !== null) found.set(details["releaseId"], expiresAt.toISOString());
    }
  }
  return found;
}

/** Rollback drills, newest first: what was put in, whether it was found, and how long the way back took. */
export const listDrills = query({
  name: "list-drills",
  permission: "release:read",
  of: "many",
  input: drillListQuery,
  async run({ db, actor, input, now }): Promise<DrillListView> {
    const records = await db.releases.drills(environmentsAllowed(actor, "release:read"), input.endpoint, MOST);
    const expiresAt = await expiries(db, new Set(records.map(({ release }) => release.candidateVersionId)));
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
        fired: result?.fired ?? null,
        evidenceExpiresAt: expiresAt.get(release.id) ?? null,
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
