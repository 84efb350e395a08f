"use client";

import { useQuery } from "@tanstack/react-query";
import { parseAsString, parseAsStringLiteral, useQueryState } from "nuqs";
import { useRef } from "react";
import { formatCount, formatNumber } from "#lib/client/format-number.ts";
import { modelListQuery, type ModelListFilter } from "#lib/client/registry-queries.ts";
import { modelListStates, type ModelListView } from "#lib/contracts/views/model-list-view.ts";
import { ListHead, RowsProblem } from "../shell/list-head.tsx";
import { StaleBanner } from "../shell/live-tick.tsx";
import { useShortcuts } from "../shell/shortcuts-provider.tsx";
import { Strip } from "../shell/strip.tsx";
import { useListKeys } from "../shell/use-list-keys.ts";
import { useServerNow } from "../shell/use-server-now.ts";
import { ButtonLink } from "../ui/button.tsx";
import { EmptyState } from "../ui/empty-state.tsx";
import { FilterChip } from "../ui/filter-chip.tsx";
import { KeyHints } from "../ui/keys.tsx";
import { ModelTable } from "./model-table.tsx";

const stateWords = {
  release: "In a release",
  live: "Live",
  not_live: "Not live",
  empty: "No version",
} as const;

/** All models by name. Text, state and environment are in the address. */
export function ModelListPage({
  initial,
  initialFilter,
}: {
  initial: ModelListView;
  initialFilter: ModelListFilter;
}) {
  const [q, setQ] = useQueryState(
    "q",
    parseAsString.withDefault("").withOptions({ throttleMs: 300 }),
  );
  const [state, setState] = useQueryState("state", parseAsStringLiteral(modelListStates));
  const [environment] = useQueryState("env", parseAsString);
  const filter: ModelListFilter = { q, state, environment };
  const same = JSON.stringify(filter) === JSON.stringify(initialFilter);
  const { data, isFetching, error } = useQuery({
    ...modelListQuery(filter),
    ...(same ? { initialData: initial } : {}),
  });
  const view = data ?? initial;
  const now = useServerNow(view.asOf);
  const list = useRef<HTMLDivElement>(null);
  const search = useRef<HTMLInputElement>(null);
  useListKeys(list);
  useShortcuts([{ keys: "/", does: "Filter models", run: () => search.current?.focus() }]);
  const filtered = q !== "" || state !== null || environment !== null;

  return (
    <div ref={list}>
      <Strip crumbs={[{ label: "Models" }]} asOf={view.asOf} />
      <StaleBanner asOf={view.asOf} />
      <ListHead
        title="Models"
        sub={`${formatCount(view.counts.all, "model")}${filtered ? " under this filter" : ""}, ${formatNumber(view.counts.live + view.counts.release)} answer requests or move now`}
        begin={{ label: "Register a version", href: "/models/new", may: view.mayCreate }}
      />
      <div className="list-filter">
        <label className="q">
          <span className="vh">Filter by name, use, risk or owner</span>
          <input
            ref={search}
            className="input"
            type="search"
            defaultValue={q}
            placeholder="Name, use, risk or owner"
            onChange={(event) => {
              void setQ(event.target.value === "" ? null : event.target.value);
            }}
          />
          <kbd aria-hidden="true">/</kbd>
        </label>
        <div className="chips" role="group" aria-label="State">
          <FilterChip
            label="All"
            count={view.counts.all}
            pressed={state === null}
            onPress={() => {
              void setState(null);
            }}
          />
          {modelListStates.map((name) => (
            <FilterChip
              key={name}
              label={stateWords[name]}
              count={view.counts[name]}
              pressed={state === name}
              onPress={() => {
                void setState(name);
              }}
            />
          ))}
        </div>
      </div>
      <RowsProblem error={error} />
      <div aria-busy={isFetching}>
        {view.rows.length > 0 ? (
          <ModelTable view={view} now={now} />
        ) : filtered ? (
          <p className="small no-rows">No model matches this filter.</p>
        ) : (
          <EmptyState
            title="No model is registered yet"
            action={
              view.mayCreate.open ? (
                <ButtonLink href="/models/new" variant="primary">
                  Register a model
                </ButtonLink>
              ) : undefined
            }
            command="npm run slipway -- register model.onnx --model NAME --version 1.0.0"
          >
            You will see each model here with its versions and where they are live. Drop an ONNX
            file; Slipway reads it without running it.
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
