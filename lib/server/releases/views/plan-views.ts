import type { ReleaseView } from "#lib/contracts/views/release-view.ts";
import { planDiff } from "#lib/domain/release/plan-diff.ts";
import type { Plan } from "#lib/domain/release/plan.ts";
import type { ReleaseRecord } from "../../db/release-repository.ts";
import type { ReadModels } from "../../ports.ts";

/** Numbers that a person reads as what they are; everything else is the field's path. */
const PLACES: Readonly<Record<string, string>> = {
  weightBp: "weight, basis points",
  dwellSeconds: "least time, s",
  minUnits: "least units",
  advance: "goes on when",
  bakeSeconds: "bake, s",
  maxStepSeconds: "longest step, s",
  gateLimitSeconds: "longest gate, s",
  latencyFloorUs: "latency floor, µs",
  limitRatio: "limit, times stable",
};

/** "/steps/0/weightBp" as "step 1, weight, basis points". */
function placeOf(pointer: string): string {
  const parts = pointer.split("/").slice(1);
  if (parts[0] === "steps" && parts[1] !== undefined) return [`step ${Number(parts[1]) + 1}`, ...parts.slice(2).map((part) => PLACES[part] ?? part)].join(", ");
  return parts.map((part) => PLACES[part] ?? part).join(", ");
}

/** What differs from the environment's own plan for the strategy. */
export const planDifferences = (plan: Plan, usual: Plan): ReleaseView["planDifferences"] =>
  planDiff(usual, plan).map(({ pointer, before, after }) => ({ place: placeOf(pointer), usual: before ?? "none", here: after ?? "none" }));

/** Other endpoints of the same model, with what they serve. */
export async function dependentEndpoints(db: ReadModels, record: ReleaseRecord): Promise<ReleaseView["dependents"]> {
  const endpoints = await db.endpoints.listEndpoints();
  const others = endpoints.filter(({ id, modelId, stableVersionId }) => id !== record.release.endpointId && modelId === record.modelId && stableVersionId !== null);
  const found: ReleaseView["dependents"] = [];
  for (const { name, environment, stableVersionId } of others.slice(0, 20)) {
    const version = await db.models.getVersionById(stableVersionId ?? "");
    found.push({ endpointName: name, environmentName: environment.name, versionName: version.name });
  }
  return found;
}
