import type { EndpointRuntime, LoadedVersion } from "#lib/contracts/views/endpoint-runtime.ts";
import type { EndpointRecord } from "../../db/endpoint-repository.ts";
import type { RuntimeRecord } from "../../db/runtime-repository.ts";

function signalsOf({ signals, signalsAt }: RuntimeRecord, endpointId: string): EndpointRuntime["signals"] {
  if (signals === null || signalsAt === null) return null;
  const { cpuShare, residentBytes, windowsLost } = signals;
  const { endpointId: _endpointId, ...here } = signals.endpoints.find((own) => own.endpointId === endpointId) ?? { endpointId: null };
  return { at: signalsAt.toISOString(), cpuShare, residentBytes, windowsLost, here: "utilisation" in here ? here : null };
}

type Running = NonNullable<NonNullable<RuntimeRecord["acks"]>["versions"][number]["running"]>;
const runningPart = ({ executionProvider, hosts, residentBytes, memoryLimitBytes, lockDifferences }: Running): LoadedVersion["running"] => ({
  executionProvider, hosts, residentBytes, memoryLimitBytes, lockDifferences,
});

function loadedOf({ acks }: RuntimeRecord, names: ReadonlyMap<string, string>): LoadedVersion[] {
  return (acks?.versions ?? []).flatMap(({ versionId, state, hostRestarts, problem, running, quarantine }) => {
    const versionName = names.get(versionId);
    if (versionName === undefined) return [];
    return [{ versionName, state, hostRestarts, problem, running: running === undefined ? null : runningPart(running), quarantine: quarantine ?? null }];
  });
}

/** One runtime as an endpoint sees it; `names` are those of the versions that its newest route tables name. */
export function runtimeRow(runtime: RuntimeRecord, endpoint: EndpointRecord, names: ReadonlyMap<string, string>): EndpointRuntime {
  const ack = runtime.acks?.endpoints.find(({ endpointId }) => endpointId === endpoint.id);
  const { name, httpUrl, live, slipwayVersion, memoryBytes, environment } = runtime;
  return {
    name, httpUrl, live, slipwayVersion, memoryBytes, environment,
    lastSeenAt: runtime.lastSeenAt.toISOString(),
    epoch: ack?.epoch ?? null,
    appliedAt: ack?.appliedAt ?? null,
    signals: signalsOf(runtime, endpoint.id),
    versions: loadedOf(runtime, names),
  };
}
