"use client";

import { useRouter } from "next/navigation";
import { z } from "zod";
import { localOfInstant } from "#lib/client/local-time.ts";
import { HARM_LABELS, SEVERITY_LABELS } from "#lib/domain/incident/harm.ts";
import { RecordForm } from "../shell/record-form.tsx";
import { Strip } from "../shell/strip.tsx";
import { useTimeZone } from "../shell/viewer-context.tsx";

const opened = z.object({ number: z.number() });

/** Opens an incident by hand. The moment of awareness is asked for, because clocks count from it. */
export function NewIncidentPage({ endpoints, endpoint, release, asOf }: { endpoints: readonly string[]; endpoint: string | null; release: number | null; asOf: string }) {
  const router = useRouter();
  const timeZone = useTimeZone();
  return (
    <>
      <Strip crumbs={[{ href: "/incidents", label: "Incidents" }, { label: "New" }]} asOf={asOf} />
      <div className="page-head">
        <div>
          <h1>Open an incident</h1>
          <p className="sub">
            What went wrong, how bad it is, and since when it is known here. Regulatory clocks start from that moment; the rest can follow.
          </p>
        </div>
      </div>
      <RecordForm
        id="incident"
        path="/api/v1/incidents"
        button="Open the incident"
        busy="Opening"
        {...(release === null ? {} : { more: { release } })}
        onDone={(answer) => {
          router.push(`/incidents/${String(opened.parse(answer).number)}`);
        }}
        fields={[
          { name: "title", label: "Title", kind: "text" },
          { name: "summary", label: "What happened", kind: "area" },
          { name: "severity", label: "Severity", kind: "select", initial: "major", options: Object.entries(SEVERITY_LABELS).map(([value, label]) => ({ value, label })) },
          {
            name: "endpoint",
            label: "Endpoint",
            kind: "select",
            optional: true,
            initial: endpoint ?? "",
            options: [{ value: "", label: "None in particular" }, ...endpoints.map((value) => ({ value, label: value }))],
          },
          { name: "awareAt", label: "Known here since", kind: "time", optional: true, initial: localOfInstant(asOf, timeZone), hint: "When the first person here knew, not when you write this." },
          { name: "harms", label: "What it did, or could have done", kind: "checks", options: Object.entries(HARM_LABELS).map(([value, label]) => ({ value, label })), hint: "Leave all open if none applies as far as you know." },
        ]}
      />
    </>
  );
}
