"use client";

import { useState } from "react";
import { limitsText, ruleText } from "#lib/client/contract-words.ts";
import { formatCount } from "#lib/client/format-number.ts";
import type { VersionView } from "#lib/contracts/views/version-view.ts";
import { tensorText } from "#lib/domain/artifact/inspection-facts.ts";
import type { ContractField } from "#lib/domain/contract/types.ts";
import { Button } from "../ui/button.tsx";
import { Section } from "../ui/section.tsx";

const FIRST_FIELDS = 12;

/** What the model takes and answers, and the rules that every request is checked against first. */
export function ContractSection({ version }: { version: VersionView }) {
  const [all, setAll] = useState(false);
  const { fields } = version.contract;
  const shown = all ? fields : fields.slice(0, FIRST_FIELDS);
  const diff = version.contractDiff;
  return (
    <Section
      bare
      id="contract"
      title="Signature and contract"
      caption={formatCount(fields.length, "field")}
    >
      <TensorFacts version={version} />
      <div className="table-wrap">
        <table className="table table-compact is-cards contract-read">
          <thead>
            <tr>
              <th scope="col">Field</th>
              <th scope="col">Type</th>
              <th scope="col">Range or domain</th>
              <th scope="col">If null</th>
              <th scope="col">If outside</th>
            </tr>
          </thead>
          <tbody>
            {shown.map((field) => (
              <FieldRow key={field.field} field={field} />
            ))}
          </tbody>
        </table>
      </div>
      {fields.length > FIRST_FIELDS ? (
        <p className="table-foot">
          <Button
            variant="quiet"
            small
            aria-expanded={all}
            onClick={() => {
              setAll(!all);
            }}
          >
            {all
              ? `Show the first ${String(FIRST_FIELDS)}`
              : `Show all ${formatCount(fields.length, "field")}`}
          </Button>
        </p>
      ) : null}
      {diff === null ? null : (
        <div className="contract-diff">
          <p className="code-head diff-head">
            Against {diff.against}: {diff.summary}
          </p>
          {diff.lines.length === 0 ? null : (
            <div
              className="diff"
              role="region"
              aria-label="Input contract, differences"
              tabIndex={0}
            >
              {diff.lines.map((line, index) => (
                <div
                  key={index}
                  className={
                    { same: undefined, added: "add", removed: "del", hunk: "hunk" }[line.kind]
                  }
                >
                  <span className="vh">
                    {{ same: "", added: "added: ", removed: "removed: ", hunk: "" }[line.kind]}
                  </span>
                  {line.text}
                </div>
              ))}
            </div>
          )}
          {diff.note === null ? null : <p className="caption diff-note">{diff.note}</p>}
        </div>
      )}
    </Section>
  );
}

function TensorFacts({ version }: { version: VersionView }) {
  const most = 4;
  const { inputs, outputs } = version.signature;
  const more = inputs.length - most;
  return (
    <dl className="facts facts-tight">
      {inputs.slice(0, most).map((tensor) => (
        <div key={`in ${tensor.name}`}>
          <dt>Input</dt>
          <dd className="tight">
            <code>{tensor.name}</code> {tensorText(tensor)}
          </dd>
        </div>
      ))}
      {more > 0 ? (
        <div>
          <dt>Input</dt>
          <dd className="tight">and {formatCount(more, "more tensor")}, each in the table</dd>
        </div>
      ) : null}
      {outputs.map((tensor) => (
        <div key={`out ${tensor.name}`}>
          <dt>Output</dt>
          <dd className="tight">
            <code>{tensor.name}</code> {tensorText(tensor)}
            {tensor.name === version.labelOutput ? "; names the class" : ""}
          </dd>
        </div>
      ))}
    </dl>
  );
}

function FieldRow({ field }: { field: ContractField }) {
  return (
    <tr>
      <th scope="row" className="first-th">
        {field.field}
      </th>
      <td data-label="Type" className="mono">
        {field.type}
      </td>
      <td data-label="Range or domain">{limitsText(field)}</td>
      <td data-label="If null" className="nowrap">
        {ruleText(field.nulls, field)}
      </td>
      <td data-label="If outside" className="nowrap">
        {field.range === null && field.domain === null ? (
          <span className="muted">no limit</span>
        ) : (
          ruleText(field.action, field)
        )}
      </td>
    </tr>
  );
}
