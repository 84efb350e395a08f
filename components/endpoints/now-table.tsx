"use client";

import Link from "next/link";
import { formatWeight } from "#lib/client/format-number.ts";
import { placeStatus, roleWord, versionPath } from "#lib/client/registry-words.ts";
import type { EndpointView } from "#lib/contracts/views/endpoint-view.ts";
import { Instant } from "../shell/instant.tsx";
import { Status } from "../ui/status.tsx";

/** The arms of the table in force: which version, which role, at what weight, since when and by whom. */
export function NowTable({ view, now }: { view: EndpointView; now: string }) {
  if (view.places.length === 0) return <p className="small">Nothing is routed here yet.</p>;
  return (
    <div className="table-wrap">
      <table className="table is-cards">
        <thead>
          <tr>
            <th scope="col">Version</th>
            <th scope="col">State</th>
            <th scope="col">Role</th>
            <th scope="col" className="n">
              Weight
            </th>
            <th scope="col">Since</th>
            <th scope="col">By</th>
            <th scope="col">Release</th>
          </tr>
        </thead>
        <tbody>
          {view.places.map((place) => {
            const status = placeStatus(place);
            return (
              <tr key={`${place.role} ${place.versionName}`}>
                <th scope="row" className="first-th">
                  <Link href={versionPath(view.modelName, place.versionName)} prefetch={false}>
                    {view.modelName} {place.versionName}
                  </Link>
                </th>
                <td className="v-cell">
                  <Status shape={status.shape}>{status.word}</Status>
                </td>
                <td data-label="Role">{roleWord(place.role)}</td>
                <td className="n" data-label="Weight">
                  <b>{formatWeight(place.weightBp)}</b>
                </td>
                <td className="nowrap" data-label="Since">
                  <Instant at={place.since} now={now} />
                </td>
                <td data-label="By">{place.by}</td>
                <td data-label="Release">
                  {place.releaseNumber === null ? (
                    <span className="muted">none</span>
                  ) : (
                    <Link href={`/releases/${String(place.releaseNumber)}`} prefetch={false}>
                      {place.releaseNumber}
                    </Link>
                  )}
                </td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </div>
  );
}
