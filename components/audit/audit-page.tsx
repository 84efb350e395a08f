"use client";

import { useInfiniteQuery } from "@tanstack/react-query";
import { parseAsInteger, parseAsString, useQueryState, useQueryStates } from "nuqs";
import {
  auditEventsQuery,
  auditFilterFrom,
  auditSearch,
  type AuditFilterName,
} from "#lib/client/audit-queries.ts";
import { formatCount, formatNumber } from "#lib/client/format-number.ts";
import type { AuditFilterQuery, AuditListView } from "#lib/contracts/audit-api.ts";
import { StaleBanner } from "../shell/live-tick.tsx";
import { useShortcuts } from "../shell/shortcuts-provider.tsx";
import { Strip } from "../shell/strip.tsx";
import { useServerNow } from "../shell/use-server-now.ts";
import { Button, ButtonLink } from "../ui/button.tsx";
import { EmptyState } from "../ui/empty-state.tsx";
import { KeyHints } from "../ui/keys.tsx";
import { Section } from "../ui/section.tsx";
import { ActorKey } from "./actor-mark.tsx";
import { AsOf, type EndpointChoice } from "./as-of.tsx";
import { AuditFilters } from "./audit-filters.tsx";
import { AuditHead } from "./audit-head.tsx";
import { AuditTable } from "./audit-table.tsx";
import { ExportPanel } from "./export-panel.tsx";

export type AuditPageProps = {
  /** Null: the filter of the address names something that is not here. */
  readonly initial: AuditListView | null;
  readonly initialFilter: AuditFilterQuery;
  readonly endpoints: readonly EndpointChoice[];
  readonly mayExport: boolean;
  readonly asOf: string;
};

const text = parseAsString.withOptions({ history: "push" });
const parsers = {
  model: text,
  version: text,
  endpoint: text,
  environment: text,
  env: text,
  release: text,
  actor: text,
  actorType: text,
  action: text,
  outcome: text,
  from: text,
  to: text,
};

/** The audit trail: proof of the whole, a moment of the past, and every entry under a filter. */
export function AuditPage(props: AuditPageProps) {
  const [asked, setAsked] = useQueryStates(parsers);
  const [open, setOpen] = useQueryState("entry", parseAsInteger);
  const filter = auditFilterFrom((name) =>
    name === "environment" ? (asked.environment ?? asked.env) : asked[name],
  );
  const same = auditSearch(filter) === auditSearch(props.initialFilter);
  const list = useInfiniteQuery(auditEventsQuery(filter, same ? props.initial : null));
  const now = useServerNow(props.asOf);
  const first = list.data?.pages[0] ?? null;
  const events = list.data?.pages.flatMap((page) => page.events) ?? [];
  useEntryKeys(
    events.map(({ seq }) => seq),
    open,
    (seq) => void setOpen(seq),
  );
  const set = (name: AuditFilterName, value: string | null) => {
    void setAsked({ [name]: value, ...(name === "environment" ? { env: null } : {}) });
  };
  const trail = first?.trail ?? props.initial?.trail ?? null;

  return (
    <>
      <Strip crumbs={[{ label: "Audit" }]} asOf={props.asOf} />
      <StaleBanner asOf={props.asOf} />
      {trail === null ? <h1>Audit trail</h1> : <AuditHead trail={trail} now={now} />}
      <AsOf endpoints={props.endpoints} now={now} />
      <Section
        id="entries"
        title="Entries"
        caption={
          first === null
            ? undefined
            : `${formatNumber(events.length)} of ${formatCount(first.total, "entry", "entries")}, newest first`
        }
        end={<ActorKey />}
      >
        <AuditFilters
          filter={filter}
          onSet={set}
          onClear={() => void setAsked(null)}
          now={now}
        />
        {list.error === null ? null : (
          <p className="small" role="alert">
            {list.error.message}
          </p>
        )}
        <div aria-busy={list.isFetching}>
          {first === null || trail === null ? null : events.length === 0 ? (
            <NoEntries filtered={auditSearch(filter) !== ""} />
          ) : (
            <AuditTable
              events={events}
              open={open}
              onOpen={(seq) => void setOpen(seq)}
              vkey={trail.vkey}
              now={now}
            />
          )}
        </div>
        {list.hasNextPage ? (
          <div className="chips pager">
            <Button small closed={list.isFetchingNextPage} onClick={() => void list.fetchNextPage()}>
              {list.isFetchingNextPage ? "Reading" : "Older entries"}
            </Button>
          </div>
        ) : null}
        <KeyHints
          hints={[
            { keys: ["["], does: "entry before" },
            { keys: ["]"], does: "entry after" },
            { keys: ["x"], does: "export" },
            { keys: ["?"], does: "all keys" },
          ]}
        />
      </Section>
      {first === null ? null : (
        <ExportPanel view={first} filter={filter} mayExport={props.mayExport} />
      )}
    </>
  );
}

/** `[` opens the entry before the open one, `]` the one after it, as numbers run; `x` goes to the export. */
function useEntryKeys(
  newestFirst: readonly number[],
  open: number | null,
  onOpen: (seq: number) => void,
): void {
  const move = (by: 1 | -1) => {
    const at = open === null ? -1 : newestFirst.indexOf(open);
    const seq = at < 0 ? newestFirst[0] : newestFirst[at + by];
    if (seq === undefined) return;
    onOpen(seq);
    document.getElementById(`e-${String(seq)}`)?.scrollIntoView({ block: "nearest" });
  };
  useShortcuts([
    {
      keys: "[",
      does: "Entry before",
      run: () => {
        move(1);
      },
    },
    {
      keys: "]",
      does: "Entry after",
      run: () => {
        move(-1);
      },
    },
    {
      keys: "x",
      does: "Export",
      run: () => {
        document.getElementById("export")?.scrollIntoView();
        document.getElementById("export-bundle")?.focus();
      },
    },
  ]);
}

function NoEntries({ filtered }: { filtered: boolean }) {
  if (filtered)
    return <p className="small no-rows">No entry matches this filter. Remove a part of it to see more.</p>;
  return (
    <EmptyState
      title="No entry yet"
      heading="h3"
      action={<ButtonLink href="/models/new">Register a model</ButtonLink>}
      command="slipway audit export --out audit.jsonl"
    >
      You will see every change here as it happens, with who made it, before and after.
    </EmptyState>
  );
}
