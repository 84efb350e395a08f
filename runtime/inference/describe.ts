import type { EndpointState } from "../router/endpoint-state.ts";
import type { LoadedVersion } from "../versions/loaded-version.ts";

export const SERVER_NAME = "slipway";
export const SLIPWAY_VERSION = "0.1.0";

export type TensorMetadata = {
  readonly name: string;
  readonly datatype: string;
  readonly shape: readonly number[];
};
export type ModelMetadata = {
  readonly name: string;
  readonly versions: readonly string[];
  readonly platform: string;
  readonly inputs: readonly TensorMetadata[];
  readonly outputs: readonly TensorMetadata[];
};
type Duration = { readonly count: number; readonly ns: number };
export type ModelStatistics = {
  readonly name: string;
  readonly version: string;
  /** Unix milliseconds. */
  readonly last_inference: number;
  readonly inference_count: number;
  readonly execution_count: number;
  readonly inference_stats: Readonly<Record<string, Duration>>;
  readonly batch_stats: readonly never[];
};
export type IndexEntry = {
  readonly name: string;
  readonly version: string;
  readonly state: "READY" | "UNAVAILABLE";
  readonly reason: string;
};

/** `GET /v2`. */
export function serverMetadata(): {
  readonly name: string;
  readonly version: string;
  readonly extensions: readonly string[];
} {
  return {
    name: SERVER_NAME,
    version: SLIPWAY_VERSION,
    extensions: ["binary_tensor_data", "model_repository_index", "statistics", "slipway_feedback"],
  };
}

/** `GET /v2/models/{name}`: what the version takes and gives; -1 = any size. */
export function modelMetadata(
  endpoint: string,
  version: LoadedVersion,
  versionNames: readonly string[],
): ModelMetadata {
  const tensor = ({ name, datatype, shape }: TensorMetadata) => ({ name, datatype, shape });
  return {
    name: endpoint,
    versions: versionNames,
    platform: "onnx_onnxv1",
    inputs: version.spec.inputs.map(tensor),
    outputs: version.spec.outputs.map(tensor),
  };
}

/** Names of the loaded versions of an endpoint, the one that serves most first. */
export function versionNamesOf(state: EndpointState): string[] {
  const arms = [...(state.table?.arms ?? [])].sort((a, b) => b.weightBp - a.weightBp);
  return [...new Set(arms.map((arm) => arm.version.versionName))];
}

/** Whether an endpoint answers requests: its serving version has at least one host alive. */
export function isEndpointReady(state: EndpointState): boolean {
  return state.table !== null && state.table.main.version.pool.stats().readyHosts > 0;
}

const duration = (count: number, us: number): Duration => ({ count, ns: Math.round(us * 1000) });

/** Counts and times of each loaded version of an endpoint since the start, in the form of Triton's statistics extension. */
export function statsOf(state: EndpointState, version: string | null): ModelStatistics[] {
  const arms = (state.table?.arms ?? []).filter(
    (arm) => version === null || arm.version.versionName === version,
  );
  return arms.map(({ version: loaded, counters }) => {
    const { answered, failed, failedUs, latencyUs, computeUs, lastAnswerMs } = counters;
    const nothing = duration(0, 0);
    return {
      name: state.desired.name,
      version: loaded.versionName,
      last_inference: lastAnswerMs,
      inference_count: answered,
      execution_count: computeUs.count,
      inference_stats: {
        success: duration(answered, latencyUs.sum),
        fail: duration(failed, failedUs),
        queue: duration(answered, Math.max(0, latencyUs.sum - computeUs.sum)),
        compute_input: nothing,
        compute_infer: duration(computeUs.count, computeUs.sum),
        compute_output: nothing,
        cache_hit: nothing,
        cache_miss: nothing,
      },
      batch_stats: [],
    };
  });
}

/** Every endpoint with its loaded versions, in the form of Triton's repository index. */
export function repositoryIndex(endpoints: readonly EndpointState[]): IndexEntry[] {
  return endpoints.flatMap(({ desired, table }): IndexEntry[] => {
    if (table === null)
      return [{ name: desired.name, version: "", state: "UNAVAILABLE", reason: "not loaded yet" }];
    return table.arms.map(({ version }) => {
      const isAlive = version.pool.stats().readyHosts > 0;
      return {
        name: desired.name,
        version: version.versionName,
        state: isAlive ? "READY" : "UNAVAILABLE",
        reason: isAlive ? "" : "its model host is restarting",
      };
    });
  });
}
