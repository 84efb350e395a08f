"use client";

import { memo } from "react";
import {
  draftOf,
  fieldOf,
  inputMode,
  nullRulesFor,
  type FieldDraft,
  type ReadContract,
} from "#lib/client/contract-draft.ts";
import { formatNumber, formatShare } from "#lib/client/format-number.ts";
import { MAX_REFUSED_SHARE } from "#lib/domain/contract/check-sample.ts";
import {
  contractActions,
  type ContractAction,
  type FieldSampleCheck,
  type NullRule,
} from "#lib/domain/contract/types.ts";
import type { Problem } from "#lib/domain/problem.ts";
import { Mark } from "../ui/mark.tsx";
import { Tag } from "../ui/tag.tsx";
import { ContractLimits } from "./contract-limits.tsx";

export type ContractEditorProps = {
  readonly fields: readonly FieldDraft[];
  readonly read: ReadContract;
  /** Names of the fields whose rules were carried over from the parent; null when there is no parent. */
  readonly inherited: readonly string[] | null;
  readonly hasSample: boolean;
  readonly onChange: (index: number, change: Partial<FieldDraft>) => void;
};

/** The input contract as a table to write in; beside each rule what it would refuse of the sample, as it is typed. */
export function ContractEditor({
  fields,
  read,
  inherited,
  hasSample,
  onChange,
}: ContractEditorProps) {
  return (
    <div className="table-wrap">
      <table className="table contract is-cards">
        {hasSample ? (
          <caption>
            Refuses: sample rows that the field&rsquo;s rules would turn away, counted as you type.
          </caption>
        ) : null}
        <thead>
          <tr>
            <th scope="col">Field</th>
            <th scope="col">Type</th>
            <th scope="col">If null</th>
            <th scope="col">Range or domain</th>
            <th scope="col">If outside</th>
            {hasSample ? (
              <th scope="col" className="n">
                Refuses
              </th>
            ) : null}
          </tr>
        </thead>
        <tbody>
          {fields.map((field, index) => (
            <FieldRows
              key={`${field.base.input} ${String(field.base.column)}`}
              index={index}
              field={field}
              problems={problemsAt(read.problems, index)}
              check={read.checks.get(field.base.field) ?? null}
              mark={markOf(field, inherited)}
              hasSample={hasSample}
              onChange={onChange}
            />
          ))}
        </tbody>
      </table>
    </div>
  );
}

const none: readonly Problem[] = [];

/** Rows without a problem get the same empty list each time, so that they are not drawn again while another is written. */
function problemsAt(problems: readonly Problem[], index: number): readonly Problem[] {
  const own = problems.filter(({ pointer }) => belongs(pointer, index));
  return own.length === 0 ? none : own;
}

/** What the parent did not have, or had otherwise. */
function markOf(field: FieldDraft, inherited: readonly string[] | null): "New" | "Changed" | null {
  if (inherited === null) return null;
  if (!inherited.includes(field.base.field)) return "New";
  return JSON.stringify(fieldOf(field)) === JSON.stringify(fieldOf(draftOf(field.base)))
    ? null
    : "Changed";
}

const belongs = (pointer: string, index: number): boolean =>
  pointer === `/fields/${String(index)}` || pointer.startsWith(`/fields/${String(index)}/`);

/** The id of the control that `/fields/5/range/max` speaks of. */
export function contractFieldId(pointer: string): string | null {
  const found = /^\/fields\/(\d+)(?:\/(.+))?$/.exec(pointer);
  if (found === null) return pointer.startsWith("/fields") ? "contract-head" : null;
  const part = found[2] ?? "";
  const name = part.startsWith("range/max")
    ? "max"
    : part.startsWith("range")
      ? "min"
      : part.startsWith("domain")
        ? "domain"
        : part === "imputeValue"
          ? "impute"
          : part === "action"
            ? "action"
            : "nulls";
  return `field-${found[1] ?? ""}-${name}`;
}

type RowProps = {
  readonly index: number;
  readonly field: FieldDraft;
  readonly problems: readonly Problem[];
  readonly check: FieldSampleCheck | null;
  readonly mark: "New" | "Changed" | null;
  readonly hasSample: boolean;
  readonly onChange: ContractEditorProps["onChange"];
};

const FieldRows = memo(function FieldRows(props: RowProps) {
  const { index, field, problems, check, mark, hasSample, onChange } = props;
  const { base } = field;
  const bad = (name: string) =>
    problems.some(({ pointer }) => contractFieldId(pointer) === `field-${String(index)}-${name}`);
  const control = (name: string) => ({
    id: `field-${String(index)}-${name}`,
    "aria-label": `${base.field}, ${labels[name] ?? name}`,
    "aria-invalid": bad(name) || undefined,
    "aria-describedby":
      problems.length > 0 || isMuch(check) ? `field-${String(index)}-said` : undefined,
  });
  const write = (change: Partial<FieldDraft>) => {
    onChange(index, change);
  };
  const saidSomething = problems.length > 0 || isMuch(check);
  return (
    <>
      <tr className={problems.length > 0 ? "is-bad" : isMuch(check) ? "is-much" : undefined}>
        <th scope="row" className="first-th">
          {base.field} {mark === null ? null : <Tag>{mark}</Tag>}
        </th>
        <td className="mono" data-label="Type">
          {base.type}
        </td>
        <td data-label="If null">
          <div className="rule-cell">
            <select
              className="input"
              {...control("nulls")}
              value={field.nulls}
              onChange={(event) => {
                write({ nulls: event.target.value as NullRule });
              }}
            >
              {nullRulesFor(base).map((rule) => (
                <option key={rule}>{rule}</option>
              ))}
            </select>
            {field.nulls === "impute" || field.action === "impute" ? (
              <input
                className="input"
                {...control("impute")}
                inputMode={inputMode(base)}
                placeholder="value"
                value={field.impute}
                onChange={(event) => {
                  write({ impute: event.target.value });
                }}
              />
            ) : null}
          </div>
        </td>
        <td className="wide" data-label="Range or domain">
          <ContractLimits field={field} control={control} write={write} />
        </td>
        <td data-label="If outside">
          <select
            className="input"
            {...control("action")}
            value={field.action}
            onChange={(event) => {
              write({ action: event.target.value as ContractAction });
            }}
          >
            {contractActions.map((action) => (
              <option key={action}>{action}</option>
            ))}
          </select>
        </td>
        {hasSample ? (
          <td className="n" data-label="Refuses">
            {check === null ? (
              <span className="muted">not in it</span>
            ) : (
              formatNumber(check.refusedRows)
            )}
          </td>
        ) : null}
      </tr>
      {saidSomething ? (
        <tr className={problems.length > 0 ? "err" : "err is-much"}>
          <td colSpan={hasSample ? 6 : 5} id={`field-${String(index)}-said`}>
            {problems.map(({ pointer, message }) => (
              <p className="errline" key={`${pointer} ${message}`}>
                <Mark name="failed" />
                {message}
              </p>
            ))}
            {check !== null && isMuch(check) ? (
              <p className="errline is-much">
                <Mark name="warn" />
                {muchText(check)}
              </p>
            ) : null}
          </td>
        </tr>
      ) : null}
    </>
  );
});

const labels: Readonly<Record<string, string>> = {
  nulls: "if null",
  impute: "value that replaces it",
  min: "least value",
  max: "greatest value",
  domain: "allowed values",
  action: "if outside",
};

const isMuch = (check: FieldSampleCheck | null): boolean =>
  check !== null && check.rows > 0 && check.refusedRows / check.rows > MAX_REFUSED_SHARE;

function muchText({ rows, refusedRows, nullRows, isExact }: FieldSampleCheck): string {
  const nulls = nullRows > 0 ? ` ${formatNumber(nullRows)} of them have a null.` : "";
  return `Would refuse ${isExact ? "" : "about "}${formatNumber(refusedRows)} of ${formatNumber(rows)} sample rows, ${formatShare(refusedRows / rows)}.${nulls} More than 1\u00a0% is seldom meant.`;
}
