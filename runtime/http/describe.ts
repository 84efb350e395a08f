import type { EndpointState } from "../router/endpoint-state.ts";
import type { LoadedVersion } from "../versions/loaded-version.ts";

export const SERVER_NAME = "slipway";
export const SLIPWAY_VERSION = "0.1.0";

/** `GET /v2`. */
export function serverMetadata(): object {
  return { name: SERVER_NAME, version: SLIPWAY_VERSION, extensions: ["slipway_feedback"] };
}

/** `GET /v2/models/{name}`: what the version takes and gives; -1 = any size. */
export function modelMetadata(
  endpoint: string,
  version: LoadedVersion,
  versionNames: readonly string[],
): object {
  const tensor = ({
    name,
    datatype,
    shape,
  }: {
    name: string;
    datatype: string;
    shape: readonly number[];
  }) => ({ name, datatype, shape });
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
