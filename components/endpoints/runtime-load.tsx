import type { ReactNode } from "react";
import { formatBytes, formatCount, formatMs, formatNumber, formatShare } from "#lib/client/format-number.ts";
import type { EndpointRuntime, LoadedVersion } from "#lib/contracts/views/endpoint-runtime.ts";
import { LiftQuarantine } from "../shell/lift-quarantine.tsx";
import { Instant } from "../shell/instant.tsx";
import { Digest } from "../ui/digest.tsx";
import { Status } from "../ui/status.tsx";

type Props = { readonly runtimes: readonly EndpointRuntime[]; readonly now: string };

const SHOWN_FEATURES = 6;
const none = <span className="muted">not said</span>;

/** What is null without traffic, and undefined where the runtime said nothing of the endpoint. */
function measured(value: number | null | undefined, text: (value: number) => string): ReactNode {
  if (value === undefined) return none;
  return value === null ? <span className="muted">no requests</span> : text(value);
}

/** How busy each runtime is here, and how many of its kind its load would take. */
export function RuntimeLoadTable({ runtimes, now }: Props) {
  return (
    <Table heads={["Runtime", "Busy", "Under way", "Waited, p95", "Would take", "Memory", "As of"]}>
      {runtimes.map(({ name, signals, memoryBytes }) => (
        <tr key={name}>
          <th scope="row" className="first-th">{name}</th>
          <td data-label="Busy">{signals?.here ? `${formatShare(signals.here.utilisation)}, aim ${formatShare(signals.here.targetUtilisation)}` : none}</td>
          <td data-label="Under way">{signals?.here ? `${formatNumber(signals.here.concurrency, 1)} of ${formatNumber(signals.here.concurrencyLimit)}` : none}</td>
          <td data-label="Waited, p95">{measured(signals?.here?.queueUsP95, (us) => formatMs(us / 1000))}</td>
          <td data-label="Would take">{measured(signals?.here?.recommendedRuntimes, (wanted) => formatCount(wanted, "runtime"))}</td>
          <td data-label="Memory">{signals === null ? none : `${formatBytes(signals.residentBytes)} of ${formatBytes(memoryBytes)}`}</td>
          <td data-label="As of" className="nowrap">{signals === null ? none : <Instant at={signals.at} now={now} />}</td>
        </tr>
      ))}
    </Table>
  );
}

function loadedState({ state, quarantine }: LoadedVersion) {
  if (quarantine !== null) return <Status shape="failed">Quarantined</Status>;
  if (state === "ready") return <Status shape="live">Loaded</Status>;
  return state === "failed" ? <Status shape="failed">Not loaded</Status> : <Status shape="running">On its way</Status>;
}

/** What is wrong with a version on a runtime, in words; null: nothing. */
function troubleOf({ quarantine, problem, running, hostRestarts }: LoadedVersion): string | null {
  const differences = running?.lockDifferences ?? [];
  const said = [
    quarantine?.problem ?? problem,
    ...differences.map(({ library, locked, here }) => `${library} is ${here ?? "not there"}, the lock says ${locked}`),
    hostRestarts === 0 ? null : `its model host was started again ${formatCount(hostRestarts, "time")}`,
  ].filter((text) => text !== null);
  return said.length === 0 ? null : said.join("; ");
}

/** The endpoint's versions as each runtime has them, with what disagrees. */
export function LoadedVersionTable({ runtimes, modelName, mayLift }: Pick<Props, "runtimes"> & { readonly modelName: string; readonly mayLift: boolean }) {
  return (
    <Table heads={["Runtime", "Version", "State", "Model hosts", "Memory", "What disagrees"]}>
      {runtimes.flatMap(({ name, versions }) =>
        versions.map((version) => (
          <tr key={`${name} ${version.versionName}`}>
            <th scope="row" className="first-th">{name}</th>
            <td data-label="Version">{version.versionName}</td>
            <td className="v-cell">
              {loadedState(version)}
              {version.quarantine !== null && mayLift ? <LiftQuarantine modelName={modelName} versionName={version.versionName} /> : null}
            </td>
            <td data-label="Model hosts">{version.running === null ? none : `${String(version.running.hosts)} on ${version.running.executionProvider}`}</td>
            <td data-label="Memory">
              {version.running === null ? none : `${formatBytes(version.running.residentBytes)}${version.running.memoryLimitBytes === null ? ", no limit" : ` of ${formatBytes(version.running.memoryLimitBytes)} a host`}`}
            </td>
            <td data-label="What disagrees" className="wide">{troubleOf(version) ?? <span className="muted">nothing</span>}</td>
          </tr>
        )),
      )}
    </Table>
  );
}

/** What each runtime said at its start that it runs on. */
export function RuntimeEnvironmentTable({ runtimes }: Pick<Props, "runtimes">) {
  return (
    <Table heads={["Runtime", "Versions", "Providers", "Processor", "Package lock"]}>
      {runtimes.map(({ name, slipwayVersion, environment }) => (
        <tr key={name}>
          <th scope="row" className="first-th">{name}</th>
          <td data-label="Versions">
            Slipway {slipwayVersion}
            {environment === null ? null : `, Node ${environment.node}, ONNX Runtime ${environment.onnxRuntime}`}
          </td>
          <td data-label="Providers">{environment === null ? none : environment.executionProviders.join(", ")}</td>
          <td data-label="Processor" className="wide">{environment === null ? none : processorOf(environment)}</td>
          <td data-label="Package lock">{environment === null || environment.packageLock === null ? none : <Digest value={environment.packageLock} />}</td>
        </tr>
      ))}
    </Table>
  );
}

function processorOf({ cpuModel, cpuFeatures, platform, architecture }: NonNullable<EndpointRuntime["environment"]>): string {
  const more = cpuFeatures.length - SHOWN_FEATURES;
  const features = cpuFeatures.length === 0 ? "no features said" : `${cpuFeatures.slice(0, SHOWN_FEATURES).join(", ")}${more > 0 ? ` and ${String(more)} more` : ""}`;
  return `${cpuModel}, ${platform} ${architecture}: ${features}`;
}

function Table({ heads, children }: { readonly heads: readonly string[]; readonly children: ReactNode }) {
  return (
    <div className="table-wrap">
      <table className="table table-compact is-cards">
        <thead>
          <tr>
            {heads.map((head) => (
              <th key={head} scope="col">{head}</th>
            ))}
          </tr>
        </thead>
        <tbody>{children}</tbody>
      </table>
    </div>
  );
}
