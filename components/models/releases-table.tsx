"use client";

import Link from "next/link";
import { releaseStatus } from "#lib/client/release-status.ts";
import type { ReleaseRow } from "#lib/contracts/views/registry-parts.ts";
import { Instant } from "../shell/instant.tsx";
import { Status } from "../ui/status.tsx";

/** Releases in which versions of this model were the candidate. */
export function ReleasesTable({ releases, now }: { releases: readonly ReleaseRow[]; now: string }) {
  if (releases.length === 0) return <p className="small">No release has moved it yet.</p>;
  return (
    <div className="table-wrap">
      <table className="table table-compact is-cards">
        <thead>
          <tr>
            <th scope="col">Release</th>
            <th scope="col">State</th>
            <th scope="col">What</th>
            <th scope="col">Made</th>
            <th scope="col">Over</th>
            <th scope="col">By</th>
          </tr>
        </thead>
        <tbody>
          {releases.map((release) => {
            const status = releaseStatus(release.state);
            return (
              <tr key={release.number}>
                <th scope="row" className="first-th">
                  <Link href={`/releases/${String(release.number)}`} prefetch={false}>
                    Release {release.number}
                  </Link>
                </th>
                <td className="v-cell">
                  <Status shape={status.shape}>{status.word}</Status>
                </td>
                <td className="wide">
                  {release.stableVersionName} to {release.candidateVersionName} on{" "}
                  {release.endpointName}, {release.environmentName}
                </td>
                <td className="nowrap" data-label="Made">
                  <Instant at={release.createdAt} now={now} seconds={false} />
                </td>
                <td className="nowrap" data-label="Over">
                  {release.endedAt === null ? (
                    <span className="muted">not yet</span>
                  ) : (
                    <Instant at={release.endedAt} now={now} seconds={false} />
                  )}
                </td>
                <td data-label="By" className="nowrap">
                  {release.authorName}
                </td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </div>
  );
}
