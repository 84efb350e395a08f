"use client";

import Link from "next/link";
import { endpointPath } from "#lib/client/registry-words.ts";
import type { VersionView } from "#lib/contracts/views/version-view.ts";
import { Instant } from "../shell/instant.tsx";
import { Status } from "../ui/status.tsx";
import { PlacesTable } from "./places-table.tsx";

/** Where the version is live now, and where it was. */
export function PlacesSection({ version, now }: { version: VersionView; now: string }) {
  return (
    <section className="section section-first" aria-labelledby="live">
      <div className="section-head">
        <h2 id="live">Where it is live</h2>
        <span className="caption">by the route tables in force</span>
      </div>
      {version.places.length === 0 ? (
        <p className="small">It answers no requests on any endpoint.</p>
      ) : (
        <PlacesTable places={version.places} modelName={version.modelName} now={now} />
      )}
      {version.past.length === 0 ? null : <Past version={version} now={now} />}
    </section>
  );
}

function Past({ version, now }: { version: VersionView; now: string }) {
  return (
    <div className="table-wrap">
      <table className="table table-compact is-cards past-table">
        <caption>Where it was, newest first.</caption>
        <thead>
          <tr>
            <th scope="col">Endpoint</th>
            <th scope="col">State</th>
            <th scope="col">From</th>
            <th scope="col">To</th>
            <th scope="col">Why it ended</th>
          </tr>
        </thead>
        <tbody>
          {version.past.map((row) => (
            <tr key={`${row.endpointName} ${row.startedAt}`}>
              <th scope="row" className="first-th">
                <Link href={endpointPath(row.endpointName)} prefetch={false}>
                  {row.endpointName}
                </Link>
                <small>{row.environmentName}</small>
              </th>
              <td className="v-cell">
                <Status shape="retired">Ended</Status>
              </td>
              <td className="nowrap" data-label="From">
                <span>
                  <Instant at={row.startedAt} now={now} /> by {row.startedBy}
                </span>
              </td>
              <td className="nowrap" data-label="To">
                <span>
                  <Instant at={row.endedAt} now={now} />
                  {row.endedBy === null ? "" : ` by ${row.endedBy}`}
                </span>
              </td>
              <td className="wide">{row.endReason ?? ""}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
