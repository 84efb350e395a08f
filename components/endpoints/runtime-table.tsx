"use client";

import type { EndpointView } from "#lib/contracts/views/endpoint-view.ts";
import { Instant } from "../shell/instant.tsx";
import { Status } from "../ui/status.tsx";

type Runtime = EndpointView["runtimes"][number];

function stateOf(runtime: Runtime, epoch: number) {
  if (!runtime.live) return <Status shape="no-data">Silent</Status>;
  if (runtime.epoch === null) return <Status shape="scheduled">Not said yet</Status>;
  return runtime.epoch === epoch ? (
    <Status shape="live">Routes by it</Status>
  ) : (
    <Status shape="running">On epoch {runtime.epoch}</Status>
  );
}

/** Who serves this endpoint, and whether each has the newest table. Silent ones go on serving by what they have. */
export function RuntimeTable({ view, now }: { view: EndpointView; now: string }) {
  if (view.runtimes.length === 0) {
    return <p className="small">No runtime has connected yet: nothing answers at this endpoint.</p>;
  }
  return (
    <div className="table-wrap">
      <table className="table table-compact is-cards">
        <caption>
          A runtime that is silent goes on serving by the last table it has; it is only not heard
          from.
        </caption>
        <thead>
          <tr>
            <th scope="col">Runtime</th>
            <th scope="col">State</th>
            <th scope="col">Address</th>
            <th scope="col">Applied</th>
            <th scope="col">Last heard</th>
          </tr>
        </thead>
        <tbody>
          {view.runtimes.map((runtime) => (
            <tr key={runtime.name}>
              <th scope="row" className="first-th">
                {runtime.name}
              </th>
              <td className="v-cell">{stateOf(runtime, view.epoch)}</td>
              <td className="wide mono">{runtime.httpUrl}</td>
              <td data-label="Applied" className="nowrap">
                {runtime.appliedAt === null ? (
                  <span className="muted">not yet</span>
                ) : (
                  <Instant at={runtime.appliedAt} now={now} />
                )}
              </td>
              <td data-label="Last heard" className="nowrap">
                <Instant at={runtime.lastSeenAt} now={now} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
