"use client";

import Link from "next/link";
import { formatWeight } from "#lib/client/format-number.ts";
import { endpointPath, placeStatus, roleWord, versionPath } from "#lib/client/registry-words.ts";
import type { LivePlace } from "#lib/contracts/views/registry-parts.ts";
import { Instant } from "../shell/instant.tsx";
import { Status } from "../ui/status.tsx";

export type PlacesTableProps = {
  readonly places: readonly LivePlace[];
  readonly modelName: string;
  readonly now: string;
  readonly withVersion?: boolean;
};

/** Where versions are live: endpoint, environment, role, weight, since when and by whom. */
export function PlacesTable({ places, modelName, now, withVersion = false }: PlacesTableProps) {
  return (
    <div className="table-wrap">
      <table className="table is-cards">
        <thead>
          <tr>
            <th scope="col">Endpoint</th>
            <th scope="col">State</th>
            {withVersion ? <th scope="col">Version</th> : null}
            <th scope="col">Environment</th>
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
          {places.map((place) => {
            const status = placeStatus(place);
            return (
              <tr key={`${place.endpointName} ${place.versionName}`}>
                <th scope="row" className="first-th">
                  <Link href={endpointPath(place.endpointName)} prefetch={false}>
                    {place.endpointName}
                  </Link>
                </th>
                <td className="v-cell">
                  <Status shape={status.shape}>{status.word}</Status>
                </td>
                {withVersion ? (
                  <td data-label="Version">
                    <Link href={versionPath(modelName, place.versionName)} prefetch={false}>
                      {place.versionName}
                    </Link>
                  </td>
                ) : null}
                <td data-label="Environment">{place.environmentName}</td>
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
