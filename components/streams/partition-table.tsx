import { formatNumber } from "#lib/client/format-number.ts";
import type { StreamView } from "#lib/contracts/views/stream-view.ts";
import { Instant } from "../shell/instant.tsx";
import { Status } from "../ui/status.tsx";

/** The name is empty where the runtime had not registered when it reported. */
function RuntimeName({ name }: { name: string }) {
  return name === "" ? <span className="muted">unknown</span> : name;
}

/** Where each partition is, by whoever spoke of it last. */
export function PartitionTable({ rows, now }: { rows: StreamView["partitions"]; now: string }) {
  return (
    <div className="table-wrap">
      <table className="table table-compact is-cards">
        <thead>
          <tr>
            <th scope="col">Partition</th>
            <th scope="col" className="n">Next offset</th>
            <th scope="col" className="n">End offset</th>
            <th scope="col" className="n">Lag, records</th>
            <th scope="col">Runtime</th>
            <th scope="col">Reported</th>
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={row.partition}>
              <th scope="row" className="first-th">{row.partition}</th>
              <td data-label="Next offset" className="n">{formatNumber(row.next)}</td>
              <td data-label="End offset" className="n">{formatNumber(row.end)}</td>
              <td data-label="Lag, records" className="n">{formatNumber(row.lag)}</td>
              <td data-label="Runtime">
                <RuntimeName name={row.runtime} />
              </td>
              <td data-label="Reported" className="nowrap">
                <Instant at={row.reportedAt} now={now} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

type Runtime = StreamView["runtimes"][number];

const STATES: Readonly<Record<Runtime["state"], { readonly word: string; readonly shape: "scheduled" | "running" | "holding" | "failed" }>> = {
  starting: { word: "Starting", shape: "scheduled" },
  running: { word: "Running", shape: "running" },
  paused: { word: "Paused", shape: "holding" },
  failing: { word: "Failing", shape: "failed" },
};

/** The processes heard from, and what holds each up. */
export function StreamRuntimeTable({ rows, now }: { rows: StreamView["runtimes"]; now: string }) {
  return (
    <div className="table-wrap">
      <table className="table table-compact is-cards">
        <thead>
          <tr>
            <th scope="col">Runtime</th>
            <th scope="col">State</th>
            <th scope="col" className="n">Partitions</th>
            <th scope="col">Problem</th>
            <th scope="col">Reported</th>
          </tr>
        </thead>
        <tbody>
          {rows.map((row, index) => (
            <tr key={`${row.runtime} ${String(index)}`}>
              <th scope="row" className="first-th">
                <RuntimeName name={row.runtime} />
              </th>
              <td className="v-cell">
                <Status shape={STATES[row.state].shape}>{STATES[row.state].word}</Status>
              </td>
              <td data-label="Partitions" className="n">{formatNumber(row.partitions)}</td>
              <td data-label="Problem" className="wide">
                <small>{row.problem ?? "none"}</small>
              </td>
              <td data-label="Reported" className="nowrap">
                <Instant at={row.reportedAt} now={now} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
