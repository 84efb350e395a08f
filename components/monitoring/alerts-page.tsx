"use client";

import { useQuery } from "@tanstack/react-query";
import { parseAsString, parseAsStringLiteral, useQueryStates } from "nuqs";
import { formatCount } from "#lib/client/format-number.ts";
import { alertsQuery } from "#lib/client/monitoring-queries.ts";
import type { AlertsView } from "#lib/contracts/views/monitoring-view.ts";
import { StaleBanner } from "../shell/live-tick.tsx";
import { Strip } from "../shell/strip.tsx";
import { useServerNow } from "../shell/use-server-now.ts";
import { Button } from "../ui/button.tsx";
import { EmptyState } from "../ui/empty-state.tsx";
import { FilterChip } from "../ui/filter-chip.tsx";
import { AlertTable } from "./alert-table.tsx";

const shows = ["open", "closed", "all"] as const;
const words = { open: "Open", closed: "Closed", all: "All" } as const;
const parsers = { show: parseAsStringLiteral(shows).withDefault("open"), before: parseAsString };

/** Alerts of all endpoints that the reader may see. */
export function AlertsPage({ initial, initialBefore }: { initial: AlertsView; initialBefore: string | null }) {
  const [asked, setAsked] = useQueryStates(parsers);
  const isSame = asked.show === initial.show && asked.before === initialBefore;
  const { data } = useQuery({ ...alertsQuery(asked.show, asked.before), ...(isSame ? { initialData: initial } : {}) });
  const view = data ?? initial;
  const now = useServerNow(view.asOf);
  const open = view.alerts.filter(({ resolvedAt, acknowledgedBy }) => resolvedAt === null && acknowledgedBy === null).length;
  return (
    <>
      <Strip crumbs={[{ href: "/endpoints", label: "Endpoints" }, { label: "Alerts" }]} asOf={view.asOf} />
      <StaleBanner asOf={view.asOf} />
      <div className="page-head">
        <div>
          <h1>Alerts</h1>
          <p className="sub">{open === 0 ? "None of those shown waits for somebody." : `${formatCount(open, "alert")} nobody has acknowledged.`} Messages go out by the channels in the settings.</p>
        </div>
      </div>
      <div className="toolrow">
        <div className="chips" role="group" aria-label="Which alerts">
          {shows.map((show) => <FilterChip key={show} label={words[show]} pressed={asked.show === show} onPress={() => void setAsked({ show, before: null })} />)}
        </div>
      </div>
      {view.alerts.length === 0 ? (
        <EmptyState title={asked.show === "open" ? "No alert is open" : "No alert here"}>Rules are evaluated on every endpoint all the time; what passes its limit in two windows out of three is listed here.</EmptyState>
      ) : (
        <AlertTable alerts={view.alerts} mayAcknowledge={view.mayAcknowledge} now={now} withEndpoint />
      )}
      {view.next === null ? null : (
        <div className="chips pager">
          <Button small onClick={() => void setAsked({ before: String(view.next) })}>Older alerts</Button>
        </div>
      )}
    </>
  );
}
