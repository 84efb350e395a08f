import type { EndpointRecord } from "../../db/endpoint-repository.ts";
import type { ModelRecord } from "../../db/model-repository.ts";
import type { VersionHead } from "../../db/registry-reads.ts";
import type { ReadModels } from "../../ports.ts";
import { controlsOf, loadGrounds, type Grounds } from "../load-grounds.ts";
import type { DerivedControl } from "#lib/domain/governance/frameworks/derive-control.ts";

export type ModelAssurance = {
  readonly model: ModelRecord;
  /** The version the model is judged by: what is live in production, else live anywhere, else the newest. */
  readonly version: VersionHead | null;
  readonly endpoints: readonly EndpointRecord[];
  readonly liveIn: readonly string[];
  readonly grounds: Grounds;
  readonly controls: readonly DerivedControl[];
};

const isProduction = ({ environment }: EndpointRecord): boolean => environment.policy.stage === "production";

/** A model with all that its controls are derived from; endpoints are those this person may see. */
export async function assuranceOf(db: ReadModels, model: ModelRecord, allEndpoints: readonly EndpointRecord[], now: Date, versionName?: string): Promise<ModelAssurance> {
  const endpoints = allEndpoints.filter(({ modelId }) => modelId === model.id);
  const heads = await db.registry.versionHeads({ modelId: model.id }, 100);
  const live = endpoints.find((endpoint) => isProduction(endpoint) && endpoint.stableVersionId !== null) ?? endpoints.find(({ stableVersionId }) => stableVersionId !== null);
  const asked = versionName === undefined ? undefined : heads.find(({ name }) => name === versionName);
  const version = asked ?? heads.find(({ id }) => id === live?.stableVersionId) ?? heads[0] ?? null;
  const here = endpoints.filter(({ stableVersionId }) => stableVersionId === version?.id);
  const [newest] = version === null ? [] : await db.releases.listReleases({ versionId: version.id }, 1);
  const grounds = await loadGrounds(
    db,
    { model, version, endpointIds: here.map(({ id }) => id), environmentId: (here.find(isProduction) ?? here[0])?.environment.id ?? null, release: newest ?? null },
    now,
  );
  return { model, version, endpoints, liveIn: [...new Set(here.map(({ environment }) => environment.name))], grounds, controls: controlsOf(grounds) };
}
