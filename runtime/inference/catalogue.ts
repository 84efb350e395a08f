import { InferenceError } from "../oip/inference-error.ts";
import type { EndpointState } from "../router/endpoint-state.ts";
import type { Router } from "../router/router.ts";
import type { ServingArm, ServingTable } from "../router/serving-table.ts";
import {
  isEndpointReady,
  modelMetadata,
  repositoryIndex,
  statsOf,
  versionNamesOf,
  type IndexEntry,
  type ModelMetadata,
  type ModelStatistics,
} from "./describe.ts";
import { tableOf } from "./infer.ts";

/** What this runtime serves, in the protocol's terms; the same for HTTP and gRPC. Names that are not served throw `InferenceError` 404. */
export type Catalogue = {
  endpoint(name: string): EndpointState;
  /** Null: ready. Otherwise why not. */
  serverProblem(): string | null;
  isModelReady(name: string, version: string | null): boolean;
  model(name: string, version: string | null): ModelMetadata;
  stats(name: string | null, version: string | null): ModelStatistics[];
  index(): IndexEntry[];
};

export type CatalogueOptions = {
  readonly router: Router;
  /** Whether a desired state is known, from the control plane or from disk. */
  readonly isStateKnown: () => boolean;
  readonly isStopping: () => boolean;
};

const quoted = (name: string): string => JSON.stringify(name.slice(0, 128));

/** The arm of a version that a caller named. Throws `InferenceError` 404. */
export function pinnedArm(table: ServingTable, version: string, endpoint: string): ServingArm {
  const arm = table.arms.find((one) => one.version.versionName === version);
  if (arm === undefined) {
    throw new InferenceError(
      404,
      "not_found",
      `Model ${endpoint} has no version ${quoted(version)} loaded here.`,
    );
  }
  return arm;
}

/** The arm that a caller asked to preview. Never another one in its place: a wrong preview is refused. */
export function previewArm(table: ServingTable, value: string, endpoint: string): ServingArm {
  if (table.preview !== null && table.preview.value === value) return table.preview.arm;
  throw new InferenceError(
    404,
    "not_found",
    `Model ${endpoint} has no preview of that release here now.`,
  );
}

export function createCatalogue(options: CatalogueOptions): Catalogue {
  const { router } = options;
  const endpoint = (name: string): EndpointState => {
    const state = router.find(name);
    if (state === undefined)
      throw new InferenceError(404, "not_found", `This runtime serves no model ${quoted(name)}.`);
    return state;
  };
  return {
    endpoint,
    serverProblem() {
      if (options.isStopping()) return "The runtime is stopping.";
      const waiting = router
        .endpoints()
        .filter((state) => !isEndpointReady(state))
        .map((state) => state.desired.name);
      if (waiting.length > 0) return `Not loaded yet: ${waiting.slice(0, 10).join(", ")}.`;
      return options.isStateKnown() ? null : "No desired state is known yet.";
    },
    isModelReady(name, version) {
      const state = endpoint(name);
      if (version === null) return isEndpointReady(state);
      return pinnedArm(tableOf(state), version, name).version.pool.stats().readyHosts > 0;
    },
    model(name, version) {
      const state = endpoint(name);
      const table = tableOf(state);
      const shown = version === null ? table.main.version : pinnedArm(table, version, name).version;
      return modelMetadata(
        name,
        shown,
        version === null ? versionNamesOf(state) : [shown.versionName],
      );
    },
    stats(name, version) {
      if (name === null) return router.endpoints().flatMap((state) => statsOf(state, null));
      const rows = statsOf(endpoint(name), version);
      if (version !== null && rows.length === 0)
        throw new InferenceError(
          404,
          "not_found",
          `Model ${name} has no version ${quoted(version)} loaded here.`,
        );
      return rows;
    },
    index: () => repositoryIndex(router.endpoints()),
  };
}
