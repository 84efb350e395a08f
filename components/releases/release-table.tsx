"use client";

import Link from "next/link";
import { formatNumber, formatWeight } from "#lib/client/format-number.ts";
import { releaseStatus } from "#lib/client/release-status.ts";
import type { ReleaseListRow, ReleaseListView } from "#lib/contracts/views/release-list-view.ts";
import { SpineMini } from "../charts/spine-mini.tsx";
import { Instant } from "../shell/instant.tsx";
import { Status } from "../ui/status.tsx";
import { Tag } from "../ui/tag.tsx";

/** Rows of the list; a phone gets cards. */
export function ReleaseTable({ view, now }: { view: ReleaseListView; now: string }) {
  return (
    <div className="table-wrap">
      <table className="table table-compact is-cards">
        <caption>
          {formatNumber(view.rows.length)} of {formatNumber(view.page.total)}, newest first.
        </caption>
        <thead>
          <tr>
            <th scope="col">Release</th>
            <th scope="col">State</th>
            <th scope="col">Where</th>
            <th scope="col" className="n">
              Weight
            </th>
            <th scope="col">Plan</th>
            <th scope="col">Why</th>
            <th scope="col">Since</th>
            <th scope="col">By</th>
          </tr>
        </thead>
        <tbody>
          {view.rows.map((row) => (
            <ReleaseRow key={row.releaseId} row={row} now={now} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function ReleaseRow({ row, now }: { row: ReleaseListRow; now: string }) {
  const status = releaseStatus(row.state);
  return (
    <tr data-list-item>
      <th scope="row" className="first-th">
        <Link
          className="list-link"
          href={`/releases/${String(row.number)}`}
          data-list-link
          prefetch={false}
        >
          {row.modelName} {row.candidateVersionName}
        </Link>
        <small>
          {row.number}, from {row.stableVersionName} {row.demo ? <Tag>Demo</Tag> : null}
        </small>
      </th>
      <td className="v-cell">
        <Status shape={status.shape}>{status.word}</Status>
      </td>
      <td className="nowrap" data-label="Where">
        {row.endpointName}
        <small>{row.environmentName}</small>
      </td>
      <td className="n" data-label="Weight">
        {formatWeight(row.weightBp)}
      </td>
      <td className="plan-cell wide">
        <SpineMini steps={row.steps} />
      </td>
      <td className="wide why-cell">{row.say}</td>
      <td className="nowrap" data-label="Since">
        <Instant at={row.stateSince} now={now} seconds={false} />
      </td>
      <td className="nowrap" data-label="By">
        {row.author.name}
      </td>
    </tr>
  );
}
