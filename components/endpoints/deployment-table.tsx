"use client";

import Link from "next/link";
import { spoken, versionPath } from "#lib/client/registry-words.ts";
import type { DeploymentRow } from "#lib/contracts/views/endpoint-view.ts";
import { Instant } from "../shell/instant.tsx";
import { Status } from "../ui/status.tsx";

export type DeploymentTableProps = {
  readonly rows: readonly DeploymentRow[];
  readonly modelName: string;
  readonly now: string;
};

/** Which version was here from when to when, put there and taken away by whom. */
export function DeploymentTable({ rows, modelName, now }: DeploymentTableProps) {
  if (rows.length === 0) return <p className="small">Nothing was deployed.</p>;
  return (
    <div className="table-wrap">
      <table className="table table-compact is-cards">
        <thead>
          <tr>
            <th scope="col">Version</th>
            <th scope="col">State</th>
            <th scope="col">From</th>
            <th scope="col">By</th>
            <th scope="col">To</th>
            <th scope="col">By</th>
            <th scope="col">Why it ended</th>
            <th scope="col">Release</th>
            <th scope="col">Served by</th>
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={row.deploymentId}>
              <th scope="row" className="first-th">
                <Link href={versionPath(modelName, row.versionName)} prefetch={false}>
                  {row.versionName}
                </Link>
              </th>
              <td className="v-cell">
                {row.endedAt === null ? (
                  <Status shape="live">Here</Status>
                ) : (
                  <Status shape="retired">Ended</Status>
                )}
              </td>
              <td className="nowrap" data-label="From">
                <Instant at={row.startedAt} now={now} />
              </td>
              <td data-label="Put by">{row.startedBy}</td>
              <td className="nowrap" data-label="To">
                {row.endedAt === null ? (
                  <span className="muted">now</span>
                ) : (
                  <Instant at={row.endedAt} now={now} />
                )}
              </td>
              <td data-label="Ended by">{row.endedBy ?? ""}</td>
              <td className="wide">{row.endReason === null ? "" : spoken(row.endReason)}</td>
              <td data-label="Release">
                {row.releaseNumber === null ? (
                  <span className="muted">none</span>
                ) : (
                  <Link href={`/releases/${String(row.releaseNumber)}`} prefetch={false}>
                    {row.releaseNumber}
                  </Link>
                )}
              </td>
              <td data-label="Served by">
                {row.target === "bundled" ? "Own runtimes" : row.target}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
