"use client";

import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { getView } from "#lib/client/api-client.ts";
import { localOfInstant } from "#lib/client/local-time.ts";
import { draftIncidentReport } from "#lib/contracts/api/incident-operations.ts";
import type { ClockView, IncidentView } from "#lib/contracts/incident-api.ts";
import { Instant } from "../shell/instant.tsx";
import { RecordForm } from "../shell/record-form.tsx";
import { useTimeZone } from "../shell/viewer-context.tsx";
import { Button } from "../ui/button.tsx";
import { CodeBlock } from "../ui/code-block.tsx";
import { Digest } from "../ui/digest.tsx";
import { Section } from "../ui/section.tsx";
import { Status } from "../ui/status.tsx";
import { clockStatus, isAtOnce, timeSinceAwareness } from "./clock-words.ts";

/** Which regulatory clocks run, from when, to when, and what the law adds. */
export function ClocksSection({ view, now }: { view: IncidentView; now: string }) {
  if (view.clocks.length === 0) return null;
  return (
    <Section
      id="clocks"
      title="Regulatory clocks"
      caption={
        <>
          from awareness, <Instant at={view.awareAt} now={now} />, the earliest first
        </>
      }
    >
      <div className="table-wrap">
        <table className="table is-cards">
          <thead>
            <tr>
              <th scope="col">Duty</th>
              <th scope="col">State</th>
              <th scope="col">Until</th>
              <th scope="col">To whom</th>
            </tr>
          </thead>
          <tbody>
            {view.clocks.map((clock) => (
              <ClockRow key={clock.id} clock={clock} now={now} />
            ))}
          </tbody>
        </table>
      </div>
      <p className="caption">
        A period in days is counted in hours from the recorded moment, so the end shown is never later than the one the law allows; work days leave out weekends, and no holidays. This is no legal advice.
      </p>
    </Section>
  );
}

const capitalised = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

function ClockRow({ clock, now }: { clock: ClockView; now: string }) {
  const { shape, word } = clockStatus(clock);
  return (
    <tr>
      <th scope="row" className="wide">
        {clock.duty}
        <small>
          {clock.law}, {clock.citation}
          {clock.confidence === "memory" ? "; to be confirmed by counsel" : ""}
        </small>
      </th>
      <td className="v-cell">
        <Status shape={shape}>{word}</Status>
        {clock.metAt === null ? null : (
          <small>
            <Instant at={clock.metAt} now={now} seconds={false} />
          </small>
        )}
      </td>
      <td data-label="Until" className="wide">
        {isAtOnce(clock) ? "At once; the text names no number of hours" : <Instant at={clock.endsAt} now={now} seconds={false} />}
        <small>
          {isAtOnce(clock) ? `${capitalised(timeSinceAwareness(clock, now))}. ` : `${clock.length}. `}
          {clock.also}
        </small>
      </td>
      <td data-label="To whom" className="wide">
        {clock.recipient}
      </td>
    </tr>
  );
}

const kindWords = { initial: "Initial report", complete: "Complete report", follow_up: "Follow-up" } as const;

/** Reports that were sent, word for word, and the next one written from the record. */
export function ReportsSection({ view, now, path }: { view: IncidentView; now: string; path: string }) {
  return (
    <Section id="reports" title="Reports" caption={view.reports.length === 0 ? "none was sent" : undefined}>
      {view.reports.map((report) => (
        <details className="field-more" key={report.id}>
          <summary>
            {kindWords[report.kind]} to {report.recipient}, sent <Instant at={report.sentAt} now={now} seconds={false} />
          </summary>
          <p className="caption">
            Recorded by {report.writtenBy}, <Digest value={report.digest} />
            {report.reference === null ? "" : `, reference ${report.reference}`}
          </p>
          <CodeBlock title={kindWords[report.kind]} code={report.text} />
        </details>
      ))}
      <DraftReport view={view} now={now} path={path} />
    </Section>
  );
}

function DraftReport({ view, now, path }: { view: IncidentView; now: string; path: string }) {
  const [kind, setKind] = useState<"initial" | "complete" | null>(null);
  const timeZone = useTimeZone();
  const clock = view.nextClock?.id ?? null;
  const { data, error } = useQuery({
    queryKey: ["incident-report", path, kind, clock, view.rowVersion],
    queryFn: ({ signal }) =>
      getView(`${path}/report?kind=${kind ?? "initial"}${clock === null ? "" : `&clock=${encodeURIComponent(clock)}`}`, draftIncidentReport.response, signal),
    enabled: kind !== null,
  });
  return (
    <>
      <div className="chips">
        {(["initial", "complete"] as const).map((one) => (
          <Button
            key={one}
            aria-pressed={kind === one}
            onClick={() => {
              setKind(one);
            }}
          >
            Write the {one} report
          </Button>
        ))}
      </div>
      {error === null ? null : <p role="alert">{error.message}</p>}
      {data === undefined || kind === null ? null : (
        <>
          <CodeBlock title={`${kindWords[kind]}, from the record`} code={data.text} />
          {view.mayEdit ? (
            <RecordForm
              key={`${kind} ${data.text.length.toString()}`}
              id="report"
              path={`${path}/reports`}
              button="Record that it was sent"
              busy="Recording"
              more={{ kind }}
              fields={[
                { name: "text", label: "The report as it was sent", kind: "area", rows: 10, initial: data.text },
                {
                  name: "clockId",
                  label: "Clock it answers",
                  kind: "select",
                  optional: true,
                  options: [{ value: "", label: "None" }, ...view.clocks.map(({ id, citation }) => ({ value: id, label: citation }))],
                  initial: clock ?? "",
                },
                { name: "recipient", label: "Sent to", kind: "text", initial: view.nextClock?.recipient ?? "" },
                { name: "sentAt", label: "Sent at", kind: "time", initial: localOfInstant(now, timeZone) },
                { name: "reference", label: "Reference of the authority", kind: "text", optional: true },
              ]}
            />
          ) : null}
        </>
      )}
    </>
  );
}
