"use client";

import { useRouter } from "next/navigation";
import { RUNBOOK_SECTIONS } from "#lib/contracts/runbook-api.ts";
import { RecordForm } from "../shell/record-form.tsx";
import { Strip } from "../shell/strip.tsx";

const template = RUNBOOK_SECTIONS.map((name) => `## ${name}\n\n`).join("\n");

export function NewRunbookPage({ asOf }: { asOf: string }) {
  const router = useRouter();
  return (
    <>
      <Strip crumbs={[{ href: "/incidents", label: "Incidents" }, { href: "/runbooks", label: "Runbooks" }, { label: "New" }]} asOf={asOf} />
      <div className="page-head">
        <div>
          <h1>Write a runbook</h1>
          <p className="sub">For the person who is called at night and has not read the design. Commands, names and numbers, in the order in which they are needed.</p>
        </div>
      </div>
      <RecordForm
        id="runbook"
        path="/api/v1/runbooks"
        button="Write it"
        busy="Writing"
        onDone={(answer) => {
          router.push(`/runbooks/${String((answer as { name?: unknown }).name)}`);
        }}
        fields={[
          { name: "title", label: "Title", kind: "text" },
          { name: "name", label: "Name in addresses", kind: "text", hint: "Small letters, digits and hyphens." },
          { name: "text", label: "Text, Markdown", kind: "area", rows: 18, initial: template, hint: "All five headings are needed." },
        ]}
      />
    </>
  );
}
