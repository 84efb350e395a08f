"use client";

import { useQuery } from "@tanstack/react-query";
import Link from "next/link";
import { parseAsString, parseAsStringLiteral, useQueryState } from "nuqs";
import { useRef } from "react";
import { formatDuration, formatLongDay, secondsBetween } from "#lib/client/format-time.ts";
import { inboxQuery } from "#lib/client/view-queries.ts";
import type { InboxItem, InboxView } from "#lib/contracts/views/inbox-view.ts";
import { StaleBanner } from "../shell/live-tick.tsx";
import { Strip } from "../shell/strip.tsx";
import { useListKeys } from "../shell/use-list-keys.ts";
import { useServerNow } from "../shell/use-server-now.ts";
import { useTimeZone } from "../shell/viewer-context.tsx";
import { FilterChip } from "../ui/filter-chip.tsx";
import { KeyHints } from "../ui/keys.tsx";
import { Section } from "../ui/section.tsx";
import { FirstSteps } from "./first-steps.tsx";
import { InboxEmpty } from "./inbox-empty.tsx";
import { InboxAlerts } from "./inbox-alerts.tsx";
import { InboxRow } from "./inbox-item.tsx";

const filters = ["all", "approve", "held", "decide", "owed"] as const;
const filterWords = {
  all: "All",
  approve: "Approve",
  held: "Held",
  decide: "Decide",
  owed: "Reason owed",
} as const;

/** Home: what needs the viewer, across environments; below it what moves by itself and what was decided. */
export function InboxPage({
  initial,
  initialEnvironment,
}: {
  initial: InboxView;
  initialEnvironment: string | null;
}) {
  const [environment] = useQueryState("env", parseAsString);
  const [filter, setFilter] = useQueryState(
    "show",
    parseAsStringLiteral(filters).withDefault("all"),
  );
  const { data: inbox } = useQuery({
    ...inboxQuery(environment),
    ...(environment === initialEnvironment
      ? { initialData: initial }
      : { placeholderData: initial }),
  });
  const view = inbox ?? initial;
  const now = useServerNow(view.asOf);
  const timeZone = useTimeZone();
  const list = useRef<HTMLDivElement>(null);
  useListKeys(list);
  const shown = view.needsYou.filter((item) => filter === "all" || item.kind === filter);
  const count = (kind: (typeof filters)[number]) =>
    kind === "all"
      ? view.needsYou.length
      : view.needsYou.filter((item) => item.kind === kind).length;

  return (
    <div ref={list}>
      <Strip crumbs={[{ label: formatLongDay(now, timeZone) }]} asOf={view.asOf} />
      <StaleBanner asOf={view.asOf} />
      {view.firstSteps === null ? null : <FirstSteps steps={view.firstSteps} />}
      <div className="page-head inbox-head">
        <div>
          <h1>
            {view.needsYou.length === 0
              ? "Nothing needs you"
              : `${String(view.needsYou.length)} need${view.needsYou.length === 1 ? "s" : ""} you`}
          </h1>
          <p className="sub">
            {environment === null ? "Across all environments." : `In ${environment}.`}{" "}
            {longestWait(view.needsYou, now)}
          </p>
        </div>
        <div className="chips" role="group" aria-label="Filter">
          {filters
            .filter((kind) => kind === "all" || count(kind) > 0)
            .map((kind) => (
              <FilterChip
                key={kind}
                label={filterWords[kind]}
                count={count(kind)}
                pressed={filter === kind}
                onPress={() => {
                  void setFilter(kind);
                }}
              />
            ))}
        </div>
      </div>
      <Queue items={shown} now={now} label="Needs you" heading="h2" />
      {view.needsYou.length === 0 ? <InboxEmpty view={view} /> : null}
      <InboxAlerts alerts={view.alerts} now={now} />
      <Section
        id="moving"
        unruled
        title="Moving now"
        caption={
          view.moving.length === 0
            ? "no release moves at present"
            : `${String(view.moving.length)} ${view.moving.length === 1 ? "release moves" : "releases move"} by plan`
        }
      >
        <Queue items={view.moving} now={now} label="Moving now" heading="h3" />
      </Section>
      <Section
        id="decided"
        unruled
        title="Recently decided"
        caption={`last 24 h, ${String(view.decided.length)} of ${String(view.decidedTotal)}`}
        end={
          <Link className="small" href="/releases?group=ended">
            All decisions
          </Link>
        }
      >
        <Queue items={view.decided} now={now} label="Recently decided" heading="h3" />
      </Section>
      <div className="inbox-keys">
        <KeyHints
          hints={[
            { keys: ["j", "k"], does: "move" },
            { keys: ["o"], does: "open" },
            { keys: ["Ctrl", "K"], does: "find or do" },
            { keys: ["?"], does: "all keys" },
          ]}
        />
      </div>
    </div>
  );
}

type QueueProps = { items: readonly InboxItem[]; now: string; label: string; heading: "h2" | "h3" };

function Queue({ items, now, label, heading }: QueueProps) {
  if (items.length === 0) return null;
  return (
    <ul className="queue" aria-label={label}>
      {items.map((item) => (
        <InboxRow key={`${item.kind} ${item.releaseId}`} item={item} now={now} heading={heading} />
      ))}
    </ul>
  );
}

function longestWait(items: readonly InboxItem[], now: string): string {
  const oldest = items.map((item) => item.since).sort()[0];
  return oldest === undefined
    ? ""
    : `Longest wait: ${formatDuration(secondsBetween(oldest, now))}.`;
}
