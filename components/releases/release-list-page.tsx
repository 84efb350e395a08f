"use client";

import { useQuery } from "@tanstack/react-query";
import { parseAsString, parseAsStringLiteral, useQueryState } from "nuqs";
import { useRef } from "react";
import { formatNumber } from "#lib/client/format-number.ts";
import { releaseListQuery, type ReleaseListFilter } from "#lib/client/view-queries.ts";
import { releaseListGroups, type ReleaseListView } from "#lib/contracts/views/release-list-view.ts";
import { ListHead, RowsProblem } from "../shell/list-head.tsx";
import { StaleBanner } from "../shell/live-tick.tsx";
import { useShortcuts } from "../shell/shortcuts-provider.tsx";
import { Strip } from "../shell/strip.tsx";
import { useListKeys } from "../shell/use-list-keys.ts";
import { useServerNow } from "../shell/use-server-now.ts";
import { Button, ButtonLink } from "../ui/button.tsx";
import { EmptyState } from "../ui/empty-state.tsx";
import { FilterChip } from "../ui/filter-chip.tsx";
import { KeyHints } from "../ui/keys.tsx";
import { ReleaseTable } from "./release-table.tsx";

const groupWords = {
  open: "Open",
  awaiting: "Awaiting a person",
  moving: "Moving",
  holding: "Holding",
  live: "Live",
  rolled_back: "Rolled back",
  ended: "Ended",
} as const;

/** All releases, newest first. Text, chip, environment and page are in the address. */
export function ReleaseListPage({
  initial,
  initialFilter,
}: {
  initial: ReleaseListView;
  initialFilter: ReleaseListFilter;
}) {
  const [q, setQ] = useQueryState(
    "q",
    parseAsString.withDefault("").withOptions({ throttleMs: 300 }),
  );
  const [group, setGroup] = useQueryState("group", parseAsStringLiteral(releaseListGroups));
  const [environment] = useQueryState("env", parseAsString);
  const [cursor, setCursor] = useQueryState(
    "cursor",
    parseAsString.withOptions({ history: "push" }),
  );
  const filter: ReleaseListFilter = { q, group, environment, cursor };
  const same = JSON.stringify(filter) === JSON.stringify(initialFilter);
  const { data, isFetching, error } = useQuery({
    ...releaseListQuery(filter),
    ...(same
      ? { initialData: initial }
      : { placeholderData: (previous: ReleaseListView | undefined) => previous ?? initial }),
  });
  const view = data ?? initial;
  const now = useServerNow(view.asOf);
  const list = useRef<HTMLDivElement>(null);
  const search = useRef<HTMLInputElement>(null);
  useListKeys(list);
  useShortcuts([{ keys: "/", does: "Filter releases", run: () => search.current?.focus() }]);
  const filtered = q !== "" || group !== null || environment !== null;
  const choose = (next: typeof group) => {
    void setCursor(null);
    void setGroup(next);
  };

  return (
    <div ref={list}>
      <Strip crumbs={[{ label: "Releases" }]} asOf={view.asOf} />
      <StaleBanner asOf={view.asOf} />
      <ListHead
        title="Releases"
        sub={`${formatNumber(view.counts.all)} ${filtered ? "under this filter" : "in all"}, ${formatNumber(view.counts.open)} not over`}
        begin={{ label: "New release", href: "/releases/new", may: view.mayCreate }}
      />
      <div className="list-filter">
        <label className="q">
          <span className="vh">Filter by model, version, endpoint or number</span>
          <input
            ref={search}
            className="input"
            type="search"
            defaultValue={q}
            placeholder="Model, version, endpoint or number"
            onChange={(event) => {
              void setCursor(null);
              void setQ(event.target.value === "" ? null : event.target.value);
            }}
          />
          <kbd aria-hidden="true">/</kbd>
        </label>
        <div className="chips" role="group" aria-label="State">
          <FilterChip
            label="All"
            count={view.counts.all}
            pressed={group === null}
            onPress={() => {
              choose(null);
            }}
          />
          {releaseListGroups.map((name) => (
            <FilterChip
              key={name}
              label={groupWords[name]}
              count={view.counts[name]}
              pressed={group === name}
              onPress={() => {
                choose(name);
              }}
            />
          ))}
        </div>
      </div>
      <RowsProblem error={error} />
      <div aria-busy={isFetching}>
        {view.rows.length === 0 ? (
          <NoRows filtered={filtered} mayCreate={view.mayCreate.open} />
        ) : (
          <ReleaseTable view={view} now={now} />
        )}
      </div>
      {view.page.next === null && cursor === null ? null : (
        <div className="chips pager">
          {cursor === null ? null : (
            <Button
              small
              onClick={() => {
                void setCursor(null);
              }}
            >
              Newest
            </Button>
          )}
          {view.page.next === null ? null : (
            <Button
              small
              onClick={() => {
                void setCursor(view.page.next);
              }}
            >
              Older
            </Button>
          )}
        </div>
      )}
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

function NoRows({ filtered, mayCreate }: { filtered: boolean; mayCreate: boolean }) {
  if (filtered) return <p className="small no-rows">No release matches this filter.</p>;
  return (
    <EmptyState
      title="No release has run yet"
      action={
        mayCreate ? (
          <ButtonLink href="/releases/new" variant="primary">
            Make a release
          </ButtonLink>
        ) : undefined
      }
      command="npm run slipway -- release start --help"
    >
      You will see each release here with its plan, its guards and its record. A release moves an
      endpoint from the version that is live to another.
    </EmptyState>
  );
}
