"use client";

import { useState } from "react";
import { auditFilterNames, type AuditFilterName } from "#lib/client/audit-queries.ts";
import { actorMarks, outcomeWords } from "#lib/client/audit-words.ts";
import { formatInstant } from "#lib/client/format-time.ts";
import { instantOfLocal } from "#lib/client/local-time.ts";
import type { AuditFilterQuery } from "#lib/contracts/audit-api.ts";
import { AUDIT_ACTION_NAMES, auditActionLabel } from "#lib/domain/audit/actions.ts";
import { ACTOR_TYPES, AUDIT_OUTCOMES } from "#lib/domain/audit/leaf.ts";
import { useTimeZone } from "../shell/viewer-context.tsx";
import { Button } from "../ui/button.tsx";
import { Field, Select, TextInput } from "../ui/field.tsx";

const words: Readonly<Record<AuditFilterName, string>> = {
  model: "model",
  version: "version",
  endpoint: "endpoint",
  environment: "environment",
  release: "release",
  actor: "actor",
  actorType: "kind of actor",
  action: "action",
  outcome: "outcome",
  from: "from",
  to: "before",
};
const hints: Partial<Readonly<Record<AuditFilterName, string>>> = {
  version: "MODEL/VERSION",
  release: "Number",
  actor: "Name, e-mail or id",
};

type Set = (name: AuditFilterName, value: string | null) => void;

/** What is filtered, each part removable, and one form to add another. All of it is in the address. */
export function AuditFilters({
  filter,
  onSet,
  onClear,
  now,
}: {
  filter: AuditFilterQuery;
  onSet: Set;
  onClear: () => void;
  now: string;
}) {
  const timeZone = useTimeZone();
  const [adding, setAdding] = useState(false);
  const given = auditFilterNames.flatMap((name) => {
    const value = filter[name];
    return value === undefined ? [] : [{ name, value }];
  });
  const shown = (name: AuditFilterName, value: string): string => {
    if (name === "from" || name === "to") return formatInstant(value, timeZone, now);
    if (name === "action" && value.includes(".")) return auditActionLabel(value);
    return value;
  };
  return (
    <>
      <div className="chips audit-filters" role="group" aria-label="Filters">
        {given.map(({ name, value }) => (
          <button
            key={name}
            type="button"
            className="chip"
            aria-label={`Remove filter ${words[name]} ${shown(name, value)}`}
            onClick={() => {
              onSet(name, null);
            }}
          >
            {words[name]} <b>{shown(name, value)}</b>{" "}
            <span className="x" aria-hidden="true">
              ×
            </span>
          </button>
        ))}
        <Button
          variant="quiet"
          small
          aria-expanded={adding}
          onClick={() => {
            setAdding(!adding);
          }}
        >
          Add filter
        </Button>
        {given.length === 0 ? null : (
          <Button variant="quiet" small onClick={onClear}>
            Clear
          </Button>
        )}
      </div>
      {adding ? (
        <AddFilter
          onAdd={(name, value) => {
            onSet(name, value);
            setAdding(false);
          }}
        />
      ) : null}
    </>
  );
}

function AddFilter({ onAdd }: { onAdd: Set }) {
  const timeZone = useTimeZone();
  const [name, setName] = useState<AuditFilterName>("model");
  const [value, setValue] = useState("");
  const [error, setError] = useState<string | null>(null);
  const add = () => {
    const isTime = name === "from" || name === "to";
    const made = isTime ? instantOfLocal(value, timeZone) : value.trim();
    if (made === null || made === "") setError(isTime ? "Give a date and a time." : "Give a value.");
    else onAdd(name, made);
  };
  return (
    <form
      className="then-form"
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        add();
      }}
    >
      <Field id="filter-name" label="Filter by">
        <Select
          id="filter-name"
          value={name}
          onChange={(event) => {
            const next = auditFilterNames.find((known) => known === event.target.value) ?? "model";
            setName(next);
            setValue(optionsOf(next)?.[0]?.value ?? "");
            setError(null);
          }}
        >
          {auditFilterNames.map((known) => (
            <option key={known} value={known}>
              {words[known]}
            </option>
          ))}
        </Select>
      </Field>
      <Field id="filter-value" label={hints[name] ?? "Value"} error={error}>
        <FilterValue name={name} value={value} onChange={setValue} error={error} />
      </Field>
      <Button type="submit">Add</Button>
    </form>
  );
}

function FilterValue({
  name,
  value,
  onChange,
  error,
}: {
  name: AuditFilterName;
  value: string;
  onChange: (value: string) => void;
  error: string | null;
}) {
  const options = optionsOf(name);
  if (options !== null)
    return (
      <Select
        id="filter-value"
        value={value}
        error={error}
        onChange={(event) => {
          onChange(event.target.value);
        }}
      >
        {options.map((option) => (
          <option key={option.value} value={option.value}>
            {option.label}
          </option>
        ))}
      </Select>
    );
  return (
    <TextInput
      id="filter-value"
      type={name === "from" || name === "to" ? "datetime-local" : "text"}
      maxLength={128}
      value={value}
      error={error}
      onChange={(event) => {
        onChange(event.target.value);
      }}
    />
  );
}

function optionsOf(
  name: AuditFilterName,
): readonly { readonly value: string; readonly label: string }[] | null {
  if (name === "actorType")
    return ACTOR_TYPES.map((value) => ({ value, label: actorMarks[value].word }));
  if (name === "outcome")
    return AUDIT_OUTCOMES.map((value) => ({ value, label: outcomeWords[value] }));
  if (name === "action")
    return AUDIT_ACTION_NAMES.map((value) => ({ value, label: auditActionLabel(value) }));
  return null;
}
