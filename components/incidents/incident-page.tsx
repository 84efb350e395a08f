"use client";

import Link from "next/link";
import { formatDuration, secondsBetween } from "#lib/client/format-time.ts";
import type { IncidentView } from "#lib/contracts/incident-api.ts";
import { HARM_LABELS, LAW_ROLE_LABELS, SEVERITY_LABELS, SOURCE_LABELS } from "#lib/domain/incident/harm.ts";
import { INCIDENT_STATE_LABELS } from "#lib/domain/incident/incident.ts";
import { Instant } from "../shell/instant.tsx";
import { RecordForm } from "../shell/record-form.tsx";
import { Strip } from "../shell/strip.tsx";
import { useServerNow } from "../shell/use-server-now.ts";
import { CodeBlock } from "../ui/code-block.tsx";
import { Facts, type Fact } from "../ui/facts.tsx";
import { Section } from "../ui/section.tsx";
import { Status } from "../ui/status.tsx";
import { isAtOnce, severityShapes, stateShapes, timeSinceAwareness } from "./clock-words.ts";
import { ActionsSection, PeopleSection, PostMortemSection } from "./after-sections.tsx";
import { ClocksSection, ReportsSection } from "./clocks-section.tsx";
import { PreservedSection } from "./preserved-section.tsx";
import { StateSection } from "./state-section.tsx";

/** One incident: what is owed first, then what happened, what was kept, and what shall be different. */
export function IncidentPage({ view }: { view: IncidentView }) {
  const now = useServerNow(view.asOf);
  const path = `/api/v1/incidents/${String(view.number)}`;
  return (
    <>
      <Strip crumbs={[{ href: "/incidents", label: "Incidents" }, { label: `Incident ${String(view.number)}` }]} asOf={view.asOf} />
      <div className="page-head">
        <div>
          <h1>
            {view.title} <Status shape={stateShapes[view.state]}>{INCIDENT_STATE_LABELS[view.state]}</Status>
          </h1>
          <p className="sub">{view.summary}</p>
        </div>
      </div>
      <p className="verdict">
        <NextReport view={view} now={now} />
      </p>
      <StateSection view={view} path={path} />
      <ClocksSection view={view} now={now} />
      <Section id="facts" title="Facts">
        <Facts facts={factsOf(view, now)} />
        {view.mayEdit ? <CorrectFacts view={view} path={path} /> : null}
      </Section>
      <TimelineSection view={view} now={now} path={path} />
      <PreservedSection view={view} now={now} />
      <ReportsSection view={view} now={now} path={path} />
      <PeopleSection view={view} path={path} />
      <ActionsSection view={view} now={now} path={path} />
      <PostMortemSection view={view} now={now} path={path} />
      <Section id="same" title="The same from the command line">
        <CodeBlock title="Read it, and write its report" code={`slipway incident show ${String(view.number)}\nslipway incident report ${String(view.number)} --kind complete --file report.md`} />
      </Section>
    </>
  );
}

function NextReport({ view, now }: { view: IncidentView; now: string }) {
  const clock = view.nextClock;
  if (clock === null) {
    return <>No report to an authority is owed{view.clocks.length === 0 ? ": nothing recorded here starts a regulatory clock" : " any more"}.</>;
  }
  if (isAtOnce(clock)) {
    return (
      <>
        <b>{clock.duty}</b> at once, {timeSinceAwareness(clock, now)}: {clock.recipient}, under {clock.citation}.
      </>
    );
  }
  const isLate = clock.state === "overdue";
  return (
    <>
      <b>{clock.duty}</b> to {clock.recipient} by <Instant at={clock.endsAt} now={now} seconds={false} />,{" "}
      {isLate ? `${formatDuration(secondsBetween(clock.endsAt, now))} ago` : `in ${formatDuration(secondsBetween(now, clock.endsAt))}`}, under {clock.citation}.
    </>
  );
}

function factsOf(view: IncidentView, now: string): Fact[] {
  const link = (href: string, text: string) => (
    <Link href={href} prefetch={false}>
      {text}
    </Link>
  );
  const rows: readonly (readonly [string, Fact["value"] | null])[] = [
    ["Severity", <Status key="s" shape={severityShapes[view.severity]}>{SEVERITY_LABELS[view.severity]}</Status>],
    ["Opened", <>{SOURCE_LABELS[view.source]}, {view.openedBy}, <Instant at={view.openedAt} now={now} /></>],
    ["Known here since", <Instant key="a" at={view.awareAt} now={now} />],
    ["Happened", view.occurredAt === null ? null : <Instant key="o" at={view.occurredAt} now={now} />],
    ["What it did", view.harms.length === 0 ? "No harm recorded" : view.harms.map((harm) => HARM_LABELS[harm]).join("; ")],
    ["We are", view.lawRoles.map((role) => LAW_ROLE_LABELS[role]).join(" and ")],
    ["Jurisdictions", view.jurisdictions.length === 0 ? "None recorded" : view.jurisdictions.join(", ")],
    ["Model", view.model === null ? null : link(`/models/${view.model.name}`, view.model.name)],
    ["Version", view.version === null || view.model === null ? null : link(`/models/${view.model.name}/versions/${view.version.name}`, view.version.name)],
    ["Endpoint", view.endpoint === null ? null : link(`/endpoints/${view.endpoint.name}`, view.endpoint.name)],
    ["Release", view.releaseNumber === null ? null : link(`/releases/${String(view.releaseNumber)}`, `Release ${String(view.releaseNumber)}`)],
    ["Window", view.window === null ? null : <><Instant at={view.window.from} now={now} /> to <Instant at={view.window.to} now={now} /></>],
    ["Led by", view.owner],
    ["Runbook", view.runbooks.length === 0 ? "None is linked to this endpoint or model" : view.runbooks.map(({ name, title }) => <span key={name}>{link(`/runbooks/${name}`, title)} </span>)],
  ];
  return rows.flatMap(([label, value]) => (value === null ? [] : [{ label, value }]));
}

function CorrectFacts({ view, path }: { view: IncidentView; path: string }) {
  const options = <T extends string>(labels: Readonly<Record<T, string>>) => Object.entries<string>(labels).map(([value, label]) => ({ value, label }));
  return (
    <details className="field-more">
      <summary>Correct severity, harm, roles or places</summary>
      <RecordForm
        id="facts"
        path={`${path}/facts`}
        button="Record the correction"
        busy="Recording"
        fields={[
          { name: "severity", label: "Severity", kind: "select", options: options(SEVERITY_LABELS), initial: view.severity },
          { name: "harms", label: "What it did, or could have done", kind: "checks", options: options(HARM_LABELS), initial: view.harms, hint: "These start the regulatory clocks." },
          { name: "lawRoles", label: "We are", kind: "checks", options: options(LAW_ROLE_LABELS), initial: view.lawRoles },
          {
            name: "jurisdictions",
            label: "Jurisdictions",
            kind: "checks",
            options: ["EU", "UK", "US", "other"].map((value) => ({ value, label: value })),
            initial: view.jurisdictions,
          },
          { name: "reason", label: "Reason of the correction", kind: "area" },
        ]}
      />
    </details>
  );
}

function TimelineSection({ view, now, path }: { view: IncidentView; now: string; path: string }) {
  return (
    <Section id="timeline" title="Timeline" caption="added to, never changed">
      <table className="table table-compact is-cards">
        <thead>
          <tr>
            <th scope="col">When</th>
            <th scope="col">Who</th>
            <th scope="col">What</th>
          </tr>
        </thead>
        <tbody>
          {view.entries.map((entry) => (
            <tr key={entry.id}>
              <td className="nowrap">
                <Instant at={entry.at} now={now} />
              </td>
              <th scope="row">{entry.by}</th>
              <td className="wide keep">{entry.text}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {view.mayEdit ? (
        <RecordForm
          id="entry"
          path={`${path}/entries`}
          button="Add to the timeline"
          busy="Adding"
          variant="plain"
          fields={[
            { name: "text", label: "What happened or was done", kind: "area", rows: 2 },
            { name: "at", label: "When, if not now", kind: "time", optional: true },
          ]}
        />
      ) : null}
    </Section>
  );
}
