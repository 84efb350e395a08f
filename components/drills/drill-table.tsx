"use client";

import Link from "next/link";
import { releaseStatus } from "#lib/client/release-status.ts";
import type { DrillListView } from "#lib/contracts/views/drill-list-view.ts";
import { Instant } from "../shell/instant.tsx";
import { Status } from "../ui/status.tsx";

type Row = DrillListView["rows"][number];

/** A duration of a drill; below ten seconds with hundredths, since a way back is short. */
export const seconds = (ms: number): string => `${(ms / 1000).toFixed(ms < 10_000 ? 2 : 0)} s`;

/** Drills of one endpoint, one a row; the row of a running one follows it. */
export function DrillTable({ rows, now }: { rows: readonly Row[]; now: string }) {
  return (
    <div className="table-wrap">
      <table className="table table-compact is-cards">
        <thead>
          <tr>
            <th scope="col">Drill</th>
            <th scope="col">Result</th>
            <th scope="col">Fault</th>
            <th scope="col">Found by</th>
            <th scope="col" className="n">
              Found after
            </th>
            <th scope="col" className="n">
              Restored after another
            </th>
            <th scope="col">Evidence until</th>
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <DrillRow key={row.releaseNumber} row={row} now={now} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function DrillRow({ row, now }: { row: Row; now: string }) {
  const isRunning = row.passed === null;
  const { evidenceExpiresAt: expires } = row;
  return (
    <tr>
      <th scope="row" className="first-th">
        <Link href={`/releases/${String(row.releaseNumber)}`} prefetch={false}>
          Release {row.releaseNumber}
        </Link>
        <small>
          {row.modelName} {row.versionName}, <Instant at={row.at} now={now} seconds={false} />
        </small>
      </th>
      <td className="v-cell">
        <DrillStatus row={row} now={now} />
      </td>
      <td className="wide" data-label="Fault">
        {row.fault}
      </td>
      <td data-label="Found by">{row.fired ?? (isRunning ? "not yet" : "nothing")}</td>
      <td className="n" data-label="Found after">
        {row.detectedMs === null ? "none" : seconds(row.detectedMs)}
      </td>
      <td className="n" data-label="Restored after another">
        {row.restoredMs === null ? "none" : seconds(row.restoredMs)}
      </td>
      <td data-label="Evidence until">
        {expires === null ? "none" : <Instant at={expires} now={now} seconds={false} />}
        {expires !== null && expires < now ? <small>expired</small> : null}
      </td>
    </tr>
  );
}

/** How it ended, or how far it is: the state of its release and the seconds so far. */
function DrillStatus({ row, now }: { row: Row; now: string }) {
  if (row.passed !== null) {
    return (
      <Status shape={row.passed ? "passed" : "failed"}>{row.passed ? "Passed" : "Failed"}</Status>
    );
  }
  const elapsed = Math.max(0, Math.round((Date.parse(now) - Date.parse(row.at)) / 1000));
  return (
    <>
      <span role="status">
        <Status shape="running">{releaseStatus(row.state).word}</Status>
      </span>
      <small>
        {elapsed} s; stopped after {row.objectiveSeconds} s of traffic at the latest
      </small>
    </>
  );
}
