"use client";

import Link from "next/link";
import { formatNumber } from "#lib/client/format-number.ts";
import {
  endpointPath,
  modelPath,
  placeStatus,
  spoken,
  strongestPlace,
  versionPath,
  versionStatus,
} from "#lib/client/registry-words.ts";
import { releaseStatus } from "#lib/client/release-status.ts";
import type { ModelListRow, ModelListView } from "#lib/contracts/views/model-list-view.ts";
import type { StatusLabel } from "#lib/domain/release/labels.ts";
import { Instant } from "../shell/instant.tsx";
import { Status } from "../ui/status.tsx";
import { Tag } from "../ui/tag.tsx";

/** One row a model; a phone gets cards. */
export function ModelTable({ view, now }: { view: ModelListView; now: string }) {
  return (
    <div className="table-wrap">
      <table className="table table-compact is-cards">
        <caption>
          {formatNumber(view.rows.length)} of {formatNumber(view.counts.all)}, by name. State is
          that of the newest change; requests are those of the last 5 min.
        </caption>
        <thead>
          <tr>
            <th scope="col">Model</th>
            <th scope="col">State</th>
            <th scope="col">Live</th>
            <th scope="col">Where</th>
            <th scope="col">Risk</th>
            <th scope="col">Owner</th>
            <th scope="col" className="n">
              Requests/s
            </th>
            <th scope="col">Newest version</th>
          </tr>
        </thead>
        <tbody>
          {view.rows.map((row) => (
            <Row key={row.modelId} row={row} now={now} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function statusOf(row: ModelListRow): StatusLabel {
  if (row.openRelease !== null) return releaseStatus(row.openRelease.state);
  const place = strongestPlace(row.places);
  if (row.state === "live" && place !== null) return { word: "Live", shape: "live" };
  return row.state === "empty"
    ? { word: "No version", shape: "draft" }
    : { word: "Not live", shape: "retired" };
}

function Row({ row, now }: { row: ModelListRow; now: string }) {
  const status = statusOf(row);
  const serving = row.places.filter(({ role }) => role === "stable" || role === "candidate");
  return (
    <tr data-list-item>
      <th scope="row" className="first-th">
        <Link className="list-link" href={modelPath(row.name)} data-list-link prefetch={false}>
          {row.name}
        </Link>{" "}
        {row.demo ? <Tag>Demo</Tag> : null}
      </th>
      <td className="v-cell">
        <Status shape={status.shape}>
          {row.openRelease === null ? (
            status.word
          ) : (
            <Link href={`/releases/${String(row.openRelease.number)}`} prefetch={false}>
              {status.word}, release {row.openRelease.number}
            </Link>
          )}
        </Status>
      </td>
      <td data-label="Live">
        {serving.length === 0 ? <span className="muted">nothing</span> : null}
        <ul>
          {serving.map((place) => (
            <li key={`${place.endpointName} ${place.versionName}`} className="nowrap">
              <Link href={versionPath(row.name, place.versionName)} prefetch={false}>
                {place.versionName}
              </Link>{" "}
              {placeStatus(place).word.toLowerCase()}
            </li>
          ))}
        </ul>
      </td>
      <td data-label="Where">
        {serving.length === 0 ? <span className="muted">nowhere</span> : null}
        <ul>
          {serving.map((place) => (
            <li key={`${place.endpointName} ${place.versionName}`} className="nowrap">
              <Link href={endpointPath(place.endpointName)} prefetch={false}>
                {place.endpointName}
              </Link>
              , {place.environmentName}
            </li>
          ))}
        </ul>
      </td>
      <td data-label="Risk">{spoken(row.riskTier)}</td>
      <td data-label="Owner" className="nowrap">
        {row.ownerName}
      </td>
      <td className="n" data-label="Requests/s">
        {row.requestsPerSecond === null ? (
          <span className="muted">none</span>
        ) : (
          formatNumber(row.requestsPerSecond, row.requestsPerSecond < 10 ? 1 : 0)
        )}
      </td>
      <td data-label="Newest" className="nowrap">
        {row.newest === null ? (
          <span className="muted">none</span>
        ) : (
          <span>
            <Link href={versionPath(row.name, row.newest.name)} prefetch={false}>
              {row.newest.name}
            </Link>
            {row.newest.state === "ready"
              ? ""
              : `, ${versionStatus(row.newest.state).word.toLowerCase()}`}
            , <Instant at={row.newest.createdAt} now={now} seconds={false} />
          </span>
        )}
      </td>
    </tr>
  );
}
