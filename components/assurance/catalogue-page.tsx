"use client";

import { useState } from "react";
import { fieldMessage } from "#lib/client/api-client.ts";
import { formatCount } from "#lib/client/format-number.ts";
import type { CatalogueView } from "#lib/contracts/views/assurance-view.ts";
import { ApiProblemSummary } from "../shell/api-problem-summary.tsx";
import { Instant } from "../shell/instant.tsx";
import { Strip } from "../shell/strip.tsx";
import { Button } from "../ui/button.tsx";
import { Field, TextArea } from "../ui/field.tsx";
import { Section } from "../ui/section.tsx";
import { useGovernanceAct } from "./use-governance-act.ts";

type One = CatalogueView["catalogues"][number];

/** Which catalogue is in force, and what would be different under another one: shown before anybody switches. */
export function CataloguePage({ view }: { view: CatalogueView }) {
  return (
    <>
      <Strip crumbs={[{ href: "/assurance", label: "Assurance" }, { label: "Catalogue" }]} asOf={view.asOf} />
      <div className="page-head">
        <div>
          <h1>Regulatory catalogue</h1>
          <p className="sub">Duties are dated data. A release keeps the catalogue it was judged by.</p>
        </div>
        <div className="page-say">
          <p className="verdict">
            Catalogue {view.inForce} is in force
            {view.choices[0] === undefined ? "; nobody has chosen another one." : <>, chosen by {view.choices[0].chosenByName}, <Instant at={view.choices[0].chosenAt} now={view.asOf} />.</>}
          </p>
        </div>
      </div>
      {view.catalogues.map((catalogue) => (
        <Section key={catalogue.version} id={`c-${catalogue.version}`} title={`Catalogue ${catalogue.version}`} caption={`${catalogue.asOf}, ${formatCount(catalogue.controls, "control")}${catalogue.diff === null ? ", in force" : ""}`}>
          <p className="small">{catalogue.summary}</p>
          {catalogue.diff === null ? null : (
            <>
              <Diff diff={catalogue.diff} />
              {view.mayChoose ? <Choose version={catalogue.version} /> : null}
            </>
          )}
        </Section>
      ))}
      {view.choices.length === 0 ? null : (
        <Section id="choices" title="Chosen before">
          <ul>
            {view.choices.map((choice) => (
              <li key={choice.chosenAt}>
                {choice.version}, {choice.chosenByName}, <Instant at={choice.chosenAt} now={view.asOf} />: {choice.reason}
              </li>
            ))}
          </ul>
        </Section>
      )}
    </>
  );
}

function Diff({ diff }: { diff: NonNullable<One["diff"]> }) {
  return (
    <>
      <p>
        Against what is in force: {formatCount(diff.added.length, "control")} more, {diff.removed.length} fewer, {diff.changed.length} changed,{" "}
        {formatCount(diff.newEvidence.length, "kind")} of evidence newly asked for.
      </p>
      <ul className="small">
        {diff.added.map(({ id, title }) => <li key={id}>+ {id} {title}</li>)}
        {diff.removed.map(({ id, title }) => <li key={id}>− {id} {title}</li>)}
        {diff.changed.map(({ id, title, fields }) => <li key={id}>{id} {title}: {fields.join(", ")}</li>)}
        {diff.newEvidence.map((label) => <li key={label}>Evidence: {label}</li>)}
      </ul>
    </>
  );
}

function Choose({ version }: { version: string }) {
  const [reason, setReason] = useState("");
  const act = useGovernanceAct("/api/v1/catalogues");
  const id = `reason-${version}`;
  return (
    <form
      className="settings-form assurance-acts"
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        void act.send({ version, reason });
      }}
    >
      <ApiProblemSummary problem={act.problem} fieldFor={(pointer) => (pointer === "/reason" ? id : null)} />
      <Field id={id} label={`Why switch to ${version}`} error={fieldMessage(act.problem, "/reason")} wide>
        <TextArea id={id} rows={2} maxLength={2000} value={reason} error={fieldMessage(act.problem, "/reason")} onChange={(event) => { setReason(event.target.value); }} />
      </Field>
      <div className="row">
        <Button type="submit" closed={act.pending}>Put {version} in force</Button>
      </div>
    </form>
  );
}
