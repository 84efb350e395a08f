"use client";

import { useState } from "react";
import { fieldMessage } from "#lib/client/api-client.ts";
import { instantOfLocal } from "#lib/client/local-time.ts";
import type { EvidenceKindView } from "#lib/contracts/governance-api.ts";
import type { VersionAssuranceView } from "#lib/contracts/views/assurance-view.ts";
import { ApiProblemSummary } from "../shell/api-problem-summary.tsx";
import { useTimeZone } from "../shell/viewer-context.tsx";
import { Button } from "../ui/button.tsx";
import { Field, Select, TextArea, TextInput } from "../ui/field.tsx";
import { useGovernanceAct } from "./use-governance-act.ts";

type Values = Readonly<Record<string, string>>;

/** What a kind's subject is here: this version, its model, an endpoint of it, an environment, a release of it, or the organisation. */
function subjectOf(kind: EvidenceKindView, view: VersionAssuranceView, place: string): unknown {
  switch (kind.subject) {
    case "version":
      return { type: "version", model: view.modelName, version: view.versionName };
    case "model":
      return { type: "model", model: view.modelName };
    case "release":
      return { type: "release", number: Number(place) };
    case "endpoint":
      return { type: "endpoint", endpoint: place };
    case "environment":
      return { type: "environment", environment: place };
    case "organisation":
      return { type: "organisation" };
  }
}

function placesFor(kind: EvidenceKindView | undefined, view: VersionAssuranceView): readonly { readonly value: string; readonly label: string }[] {
  if (kind?.subject === "endpoint") return view.endpoints.map(({ name, environmentName }) => ({ value: name, label: `${name}, ${environmentName}` }));
  if (kind?.subject === "environment") return view.places.map(({ environmentName }) => ({ value: environmentName, label: environmentName }));
  if (kind?.subject === "release") return view.releases.map((number) => ({ value: String(number), label: `Release ${String(number)}` }));
  return [];
}

function detailsOf(kind: EvidenceKindView, values: Values): Record<string, unknown> {
  return Object.fromEntries(
    kind.fields.flatMap(({ name, type }): [string, unknown][] => {
      const text = (values[name] ?? "").trim();
      if (text === "") return [];
      if (type === "number") return [[name, Number(text)]];
      if (type === "flag") return [[name, text === "yes"]];
      return [[name, text]];
    }),
  );
}

async function documentOf(file: File | null): Promise<{ fileName: string; base64: string } | undefined> {
  if (file === null) return undefined;
  const bytes = new Uint8Array(await file.arrayBuffer());
  let binary = "";
  for (let i = 0; i < bytes.length; i += 8192) binary += String.fromCharCode(...bytes.subarray(i, i + 8192));
  return { fileName: file.name, base64: btoa(binary) };
}

const fieldFor = (pointer: string): string | null => {
  if (pointer.startsWith("/details/")) return `ev-${pointer.slice(9)}`;
  if (pointer === "/statement") return "ev-statement";
  if (pointer === "/expiresAt") return "ev-expires";
  if (pointer.startsWith("/document")) return "ev-document";
  return pointer === "/kind" ? "ev-kind" : null;
};

function limitHint({ min, max, mustBe }: EvidenceKindView["fields"][number]): string | undefined {
  if (mustBe === "future") return "A day that lies ahead";
  if (min !== undefined && max !== undefined) return `From ${String(min)} to ${String(max)}`;
  if (min !== undefined) return `At least ${String(min)}`;
  return max === undefined ? undefined : `At most ${String(max)}`;
}

/** States a fact and signs it. Which fields there are follows from the kind; so does the verdict. */
export function AddEvidenceForm({ view }: { view: VersionAssuranceView }) {
  const [kindId, setKindId] = useState("");
  const [values, setValues] = useState<Values>({});
  const [statement, setStatement] = useState("");
  const [expires, setExpires] = useState("");
  const [place, setPlace] = useState("");
  const [file, setFile] = useState<File | null>(null);
  const act = useGovernanceAct("/api/v1/evidence");
  const timeZone = useTimeZone();
  const kind = view.kinds.find(({ id }) => id === kindId);
  const places = placesFor(kind, view);
  const openKinds = new Set(view.gaps.map((gap) => gap.kind));
  const gapsFirst = [...view.kinds].sort((a, b) => Number(openKinds.has(b.id)) - Number(openKinds.has(a.id)) || a.label.localeCompare(b.label));

  const send = async (): Promise<void> => {
    if (kind === undefined) return;
    const document = await documentOf(file);
    const done = await act.send({
      kind: kind.id,
      subject: subjectOf(kind, view, place === "" ? (places[0]?.value ?? "") : place),
      details: detailsOf(kind, values),
      statement,
      ...(expires === "" ? {} : { expiresAt: instantOfLocal(expires, timeZone) ?? expires }),
      ...(document === undefined ? {} : { document }),
    });
    if (!done) return;
    setKindId("");
    setValues({});
    setStatement("");
    setExpires("");
    setFile(null);
  };
  const set = (name: string, value: string): void => {
    setValues({ ...values, [name]: value });
  };

  return (
    <form
      className="settings-form"
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        void send();
      }}
    >
      <ApiProblemSummary problem={act.problem} fieldFor={fieldFor} />
      <Field id="ev-kind" label="Kind of evidence" hint="Open ones first. What Slipway makes itself is not in the list." error={fieldMessage(act.problem, "/kind")}>
        <Select id="ev-kind" hinted value={kindId} onChange={(event) => { setKindId(event.target.value); setValues({}); setPlace(""); }}>
          <option value="">Choose</option>
          {gapsFirst.map(({ id, label }) => (
            <option key={id} value={id}>
              {label}
              {openKinds.has(id) ? " (open)" : ""}
            </option>
          ))}
        </Select>
      </Field>
      {kind === undefined ? null : (
        <>
          <p className="small">
            Asked for: {kind.check}. Fresh: {kind.freshness}.
          </p>
          {places.length > 1 || (kind.subject !== "version" && places.length > 0) ? (
            <Field id="ev-place" label="About">
              <Select id="ev-place" value={place} onChange={(event) => { setPlace(event.target.value); }}>
                {places.map(({ value, label }) => (
                  <option key={value} value={value}>{label}</option>
                ))}
              </Select>
            </Field>
          ) : null}
          {kind.fields.map((field) => (
            <KindField key={field.name} field={field} value={values[field.name] ?? ""} error={fieldMessage(act.problem, `/details/${field.name}`)} onChange={(value) => { set(field.name, value); }} />
          ))}
          <Field id="ev-statement" label="What this shows" hint="Signed with your name and the time." error={fieldMessage(act.problem, "/statement")} wide>
            <TextArea id="ev-statement" hinted rows={3} maxLength={4000} value={statement} error={fieldMessage(act.problem, "/statement")} onChange={(event) => { setStatement(event.target.value); }} />
          </Field>
          <Field id="ev-expires" label={`Counts until, ${timeZone}`} hint={kind.lifetimeDays === null ? "Empty: as long as what it is about stays the same." : `Empty: ${String(Math.round(kind.lifetimeDays))} days.`} error={fieldMessage(act.problem, "/expiresAt")}>
            <TextInput id="ev-expires" hinted type="datetime-local" step={1} value={expires} error={fieldMessage(act.problem, "/expiresAt")} onChange={(event) => { setExpires(event.target.value); }} />
          </Field>
          <Field id="ev-document" label="Document" hint="PDF, image, text, JSON, Word or Excel, at most 5 MiB; kept with its hash." error={fieldMessage(act.problem, "/document")}>
            <input id="ev-document" type="file" className="input" aria-describedby="ev-document-hint" onChange={(event) => { setFile(event.target.files?.[0] ?? null); }} />
          </Field>
          <div className="row">
            <Button type="submit" variant="primary" closed={act.pending}>
              {act.pending ? "Signing" : "Sign and add"}
            </Button>
          </div>
        </>
      )}
      <p role="status" className="small">{act.done && kind === undefined ? "Added. What it closes is derived anew." : ""}</p>
    </form>
  );
}

function KindField({ field, value, error, onChange }: { field: EvidenceKindView["fields"][number]; value: string; error: string | null; onChange: (value: string) => void }) {
  const id = `ev-${field.name}`;
  const hint = limitHint(field);
  if (field.type === "flag") {
    return (
      <Field id={id} label={field.label} error={error}>
        <Select id={id} value={value} error={error} onChange={(event) => { onChange(event.target.value); }}>
          <option value="">Not said</option>
          <option value="yes">Yes</option>
          <option value="no">No</option>
        </Select>
      </Field>
    );
  }
  return (
    <Field id={id} label={field.label} hint={hint} error={error}>
      <TextInput
        id={id}
        hinted={hint !== undefined}
        error={error}
        type={field.type === "date" ? "date" : "text"}
        inputMode={field.type === "number" ? "decimal" : undefined}
        maxLength={4000}
        value={value}
        onChange={(event) => { onChange(event.target.value); }}
      />
    </Field>
  );
}
