"use client";

import Link from "next/link";
import { formatCount } from "#lib/client/format-number.ts";
import type { IncidentListView, IncidentRow } from "#lib/contracts/incident-api.ts";
import { SEVERITY_LABELS, SOURCE_LABELS } from "#lib/domain/incident/harm.ts";
import { INCIDENT_STATE_LABELS } from "#lib/domain/incident/incident.ts";
import { Instant } from "../shell/instant.tsx";
import { Strip } from "../shell/strip.tsx";
import { ButtonLink } from "../ui/button.tsx";
import { EmptyState } from "../ui/empty-state.tsx";
import { Status } from "../ui/status.tsx";
import { clockStatus, isAtOnce, severityShapes, stateShapes, timeSinceAwareness } from "./clock-words.ts";

const places = [
  { state: null, label: "All" },
  { state: "open", label: "Not closed" },
  { state: "closed", label: "Closed" },
] as const;

/** All incidents, newest first; what is owed to an authority, and by when, stands beside each. */
export function IncidentListPage({ view, state, before }: { view: IncidentListView; state: "open" | "closed" | null; before: number | null }) {
  const { counts } = view;
  const href = (query: Record<string, string | null>) => {
    const search = new URLSearchParams(Object.entries(query).flatMap(([key, value]) => (value === null ? [] : [[key, value]])));
    return search.size === 0 ? "/incidents" : `/incidents?${search.toString()}`;
  };
  return (
    <>
      <Strip crumbs={[{ label: "Incidents" }]} asOf={view.asOf} />
      <div className="page-head">
        <div>
          <h1>Incidents</h1>
          <p className="sub">
            {formatCount(counts.open, "incident")} not closed.{" "}
            {counts.overdueReports === 0
              ? "No report to an authority is overdue."
              : `${formatCount(counts.overdueReports, "report")} to an authority overdue.`}
          </p>
        </div>
        <div className="actionbar-wrap">
          <div className="chips">
            <ButtonLink href="/runbooks">Runbooks</ButtonLink>
            {view.mayOpen ? (
              <ButtonLink href="/incidents/new" variant="primary">
                Open an incident
              </ButtonLink>
            ) : null}
          </div>
          {view.mayOpen ? null : <p className="caption closed-note">Auditors read incidents; engineers, leads, validators, compliance and administrators open them.</p>}
        </div>
      </div>
      <nav className="settings-nav" aria-label="State">
        {places.map((place) => (
          <Link key={place.label} href={href({ state: place.state })} prefetch={false} aria-current={place.state === state ? "page" : undefined}>
            {place.label}
          </Link>
        ))}
      </nav>
      {view.rows.length === 0 ? (
        <NoIncidents filtered={state !== null || before !== null} mayOpen={view.mayOpen} />
      ) : (
        <IncidentTable rows={view.rows} now={view.asOf} />
      )}
      {view.next === null ? null : (
        <div className="chips pager">
          <ButtonLink href={href({ state, before: String(view.next) })} small>
            Older
          </ButtonLink>
        </div>
      )}
    </>
  );
}

function NoIncidents({ filtered, mayOpen }: { filtered: boolean; mayOpen: boolean }) {
  if (filtered) return <p className="small no-rows">No incident here.</p>;
  return (
    <EmptyState
      title="Nothing has gone wrong yet"
      action={
        mayOpen ? (
          <ButtonLink href="/incidents/new" variant="primary">
            Open an incident
          </ButtonLink>
        ) : undefined
      }
      command="slipway incident open --help"
    >
      You will see each incident here with its timeline, the evidence that was kept and the reports that are owed. An automatic roll back opens one by itself.
    </EmptyState>
  );
}

function IncidentTable({ rows, now }: { rows: readonly IncidentRow[]; now: string }) {
  return (
    <div className="table-wrap">
      <table className="table is-cards">
        <thead>
          <tr>
            <th scope="col">Incident</th>
            <th scope="col">State</th>
            <th scope="col">Severity</th>
            <th scope="col">Where</th>
            <th scope="col">Known since</th>
            <th scope="col">Report owed</th>
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={row.id}>
              <th scope="row" className="wide">
                <Link href={`/incidents/${String(row.number)}`} prefetch={false}>
                  {row.number}. {row.title}
                </Link>
                <small>{SOURCE_LABELS[row.source]}</small>
              </th>
              <td className="v-cell">
                <Status shape={stateShapes[row.state]}>{INCIDENT_STATE_LABELS[row.state]}</Status>
              </td>
              <td className="v-cell">
                <Status shape={severityShapes[row.severity]}>{SEVERITY_LABELS[row.severity]}</Status>
              </td>
              <td data-label="Where">
                {row.endpoint === null ? (row.model?.name ?? "Not said") : row.endpoint.name}
                {row.environment === null ? null : <small>{row.environment.name}</small>}
              </td>
              <td data-label="Known since" className="nowrap">
                <Instant at={row.awareAt} now={now} seconds={false} />
              </td>
              <td data-label="Report owed">
                {row.nextClock === null ? (
                  <span className="muted">None</span>
                ) : (
                  <>
                    <Status shape={clockStatus(row.nextClock).shape}>{clockStatus(row.nextClock).word}</Status>
                    <small>
                      {isAtOnce(row.nextClock) ? timeSinceAwareness(row.nextClock, now) : <Instant at={row.nextClock.endsAt} now={now} seconds={false} />}, {row.nextClock.citation}
                    </small>
                  </>
                )}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
