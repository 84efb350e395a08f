"use client";

import { useQuery } from "@tanstack/react-query";
import Link from "next/link";
import { parseAsString, useQueryState } from "nuqs";
import { useRef } from "react";
import { formatCount, formatNumber, formatShare, formatWeight } from "#lib/client/format-number.ts";
import { endpointListQuery, type EndpointListFilter } from "#lib/client/registry-queries.ts";
import { endpointPath, versionPath } from "#lib/client/registry-words.ts";
import { releaseStatus } from "#lib/client/release-status.ts";
import type { EndpointListRow, EndpointListView } from "#lib/contracts/views/endpoint-list-view.ts";
import { Instant } from "../shell/instant.tsx";
import { ListHead, RowsProblem } from "../shell/list-head.tsx";
import { StaleBanner } from "../shell/live-tick.tsx";
import { ServingNav } from "../shell/serving-nav.tsx";
import { useShortcuts } from "../shell/shortcuts-provider.tsx";
import { Strip } from "../shell/strip.tsx";
import { useListKeys } from "../shell/use-list-keys.ts";
import { useServerNow } from "../shell/use-server-now.ts";
import { ButtonLink } from "../ui/button.tsx";
import { EmptyState } from "../ui/empty-state.tsx";
import { KeyHints } from "../ui/keys.tsx";
import { Status } from "../ui/status.tsx";
import { Tag } from "../ui/tag.tsx";

/** Every endpoint by name: what answers there, at what rate, and whether all runtimes agree. */
export function EndpointListPage({
  initial,
  initialFilter,
}: {
  initial: EndpointListView;
  initialFilter: EndpointListFilter;
}) {
  const [q, setQ] = useQueryState(
    "q",
    parseAsString.withDefault("").withOptions({ throttleMs: 300 }),
  );
  const [environment] = useQueryState("env", parseAsString);
  const filter: EndpointListFilter = { q, environment };
  const same = JSON.stringify(filter) === JSON.stringify(initialFilter);
  const { data, isFetching, error } = useQuery({
    ...endpointListQuery(filter),
    ...(same ? { initialData: initial } : {}),
  });
  const view = data ?? initial;
  const now = useServerNow(view.asOf);
  const list = useRef<HTMLDivElement>(null);
  const search = useRef<HTMLInputElement>(null);
  useListKeys(list);
  useShortcuts([{ keys: "/", does: "Filter endpoints", run: () => search.current?.focus() }]);
  const filtered = q !== "" || environment !== null;
  return (
    <div ref={list}>
      <Strip crumbs={[{ label: "Endpoints" }]} asOf={view.asOf} />
      <StaleBanner asOf={view.asOf} />
      <ListHead
        title="Endpoints"
        sub={`${formatCount(view.total, "address", "addresses")} that clients call; each has one stable version`}
        begin={{ label: "New endpoint", href: "/endpoints/new", may: view.mayCreate }}
      />
      <ServingNav />
      <div className="list-filter">
        <label className="q">
          <span className="vh">Filter by endpoint, model or environment</span>
          <input
            ref={search}
            className="input"
            type="search"
            defaultValue={q}
            placeholder="Endpoint, model or environment"
            onChange={(event) => {
              void setQ(event.target.value === "" ? null : event.target.value);
            }}
          />
          <kbd aria-hidden="true">/</kbd>
        </label>
      </div>
      <RowsProblem error={error} />
      <div aria-busy={isFetching}>
        {view.rows.length > 0 ? (
          <EndpointTable view={view} now={now} />
        ) : filtered ? (
          <p className="small no-rows">No endpoint matches this filter.</p>
        ) : (
          <EmptyState
            title="There is no endpoint yet"
            action={
              view.mayCreate.open ? (
                <ButtonLink href="/endpoints/new" variant="primary">
                  Make an endpoint
                </ButtonLink>
              ) : undefined
            }
          >
            An endpoint is the address that clients call. Its version changes by releases; the
            address does not. You will see here what answers at each.
          </EmptyState>
        )}
      </div>
      <KeyHints
        hints={[
          { keys: ["j", "k"], does: "move" },
          { keys: ["o"], does: "open" },
          { keys: ["/"], does: "filter" },
          { keys: ["?"], does: "all keys" },
        ]}
      />
    </div>
  );
}

function EndpointTable({ view, now }: { view: EndpointListView; now: string }) {
  return (
    <div className="table-wrap">
      <table className="table table-compact is-cards">
        <caption>
          {formatNumber(view.rows.length)} of {formatNumber(view.total)}, by name. Requests and
          errors are those of the last 5 min.
        </caption>
        <thead>
          <tr>
            <th scope="col">Endpoint</th>
            <th scope="col">State</th>
            <th scope="col">Environment</th>
            <th scope="col">Live</th>
            <th scope="col">Since</th>
            <th scope="col">By</th>
            <th scope="col" className="n">
              Requests/s
            </th>
            <th scope="col" className="n">
              Errors
            </th>
            <th scope="col" className="n">
              Runtimes
            </th>
          </tr>
        </thead>
        <tbody>
          {view.rows.map((row) => (
            <Row key={row.endpointId} row={row} now={now} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function StateCell({ row }: { row: EndpointListRow }) {
  if (row.openRelease === null) {
    return row.places.length === 0 ? (
      <Status shape="draft">Nothing live</Status>
    ) : (
      <Status shape="live">Live</Status>
    );
  }
  const status = releaseStatus(row.openRelease.state);
  return (
    <Status shape={status.shape}>
      <Link href={`/releases/${String(row.openRelease.number)}`} prefetch={false}>
        {status.word}, release {row.openRelease.number}
      </Link>
    </Status>
  );
}

function Row({ row, now }: { row: EndpointListRow; now: string }) {
  const stable = row.places.find(({ role }) => role === "stable");
  const candidate = row.places.find(({ role }) => role === "candidate");
  return (
    <tr data-list-item>
      <th scope="row" className="first-th">
        <Link className="list-link" href={endpointPath(row.name)} data-list-link prefetch={false}>
          {row.name}
        </Link>{" "}
        {row.demo ? <Tag>Demo</Tag> : null}
        <small>serves {row.modelName}</small>
      </th>
      <td className="v-cell">
        <StateCell row={row} />
      </td>
      <td data-label="Environment">{row.environmentName}</td>
      <td data-label="Live" className="nowrap">
        <span>
          {stable === undefined ? (
            <span className="muted">nothing</span>
          ) : (
            <>
              <Link href={versionPath(row.modelName, stable.versionName)} prefetch={false}>
                {stable.versionName}
              </Link>{" "}
              {formatWeight(stable.weightBp)}
            </>
          )}
          {candidate === undefined ? null : (
            <>
              , <span className="cand">{candidate.versionName}</span>{" "}
              {formatWeight(candidate.weightBp)}
            </>
          )}
        </span>
      </td>
      <td data-label="Since" className="nowrap">
        {stable === undefined ? "" : <Instant at={stable.since} now={now} seconds={false} />}
      </td>
      <td data-label="By">{stable?.by ?? ""}</td>
      <td className="n" data-label="Requests/s">
        {row.requestsPerSecond === null ? (
          <span className="muted">none</span>
        ) : (
          formatNumber(row.requestsPerSecond, row.requestsPerSecond < 10 ? 1 : 0)
        )}
      </td>
      <td className="n" data-label="Errors">
        {row.errorShare === null ? (
          <span className="muted">none</span>
        ) : (
          formatShare(row.errorShare)
        )}
      </td>
      <td className="n" data-label="Runtimes">
        {row.pattern === "batch" ? (
          <span className="muted">batch jobs</span>
        ) : row.pattern === "edge" ? (
          <span className="muted">devices</span>
        ) : row.runtimesLive === 0 ? (
          <b>none</b>
        ) : (
          `${formatNumber(row.runtimesCurrent)} of ${formatNumber(row.runtimesLive)}`
        )}
      </td>
    </tr>
  );
}
