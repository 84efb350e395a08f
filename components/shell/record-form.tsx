"use client";

import { useState, type ReactNode } from "react";
import { fieldMessage } from "#lib/client/api-client.ts";
import { instantOfLocal } from "#lib/client/local-time.ts";
import { Button } from "../ui/button.tsx";
import { Field, FieldError, Select, TextArea, TextInput } from "../ui/field.tsx";
import { ApiProblemSummary } from "./api-problem-summary.tsx";
import { usePost } from "./use-post.ts";
import { useStepUp } from "./use-step-up.ts";
import { useTimeZone } from "./viewer-context.tsx";

export type RecordField = {
  /** Member of the body that it becomes. */
  readonly name: string;
  readonly label: string;
  readonly kind: "text" | "area" | "select" | "time" | "checks" | "password";
  readonly hint?: string;
  readonly options?: readonly { readonly value: string; readonly label: string }[];
  readonly initial?: string | readonly string[];
  readonly rows?: number;
  /** Left out of the body when empty. */
  readonly optional?: boolean;
};

export type RecordFormProps = {
  /** Prefix of the ids, unique on the page. */
  readonly id: string;
  readonly path: string;
  readonly fields: readonly RecordField[];
  readonly button: string;
  readonly busy: string;
  readonly variant?: "primary" | "plain" | "danger";
  /** Members of the body that nobody types. */
  readonly more?: Readonly<Record<string, unknown>>;
  /** What is signed by sending it: where the server wants proof at that moment, the form asks for the password and sends again. */
  readonly signs?: { readonly action: string; readonly digest: string };
  readonly onDone?: (answer: unknown) => void;
  readonly children?: ReactNode;
};

type Values = Readonly<Record<string, string | readonly string[]>>;

const initialOf = (fields: readonly RecordField[]): Values =>
  Object.fromEntries(fields.map(({ name, initial, kind }) => [name, initial ?? (kind === "checks" ? [] : "")]));

function bodyOf(fields: readonly RecordField[], values: Values, timeZone: string): Record<string, unknown> {
  const members = fields.flatMap(({ name, kind, optional }) => {
    const value = values[name] ?? "";
    if (value === "" && optional === true) return [];
    if (kind === "time" && typeof value === "string") return [[name, instantOfLocal(value, timeZone) ?? value] as const];
    return [[name, value] as const];
  });
  return Object.fromEntries(members);
}

/** A short form for the record: labels, hints, the refusal above with links to its fields, and one button. It empties itself when it was accepted. */
export function RecordForm({ id, path, fields, button, busy, variant = "primary", more, signs, onDone, children }: RecordFormProps) {
  const [values, setValues] = useState(() => initialOf(fields));
  const timeZone = useTimeZone();
  const { send, pending, problem } = usePost();
  const idOf = (name: string) => `${id}-${name}`;
  const proof = useStepUp(signs, problem);
  const submit = async () => {
    const grant = proof.isAsked ? await proof.prove(`${id}-password`) : undefined;
    if (grant === null) return;
    const answer = await send(path, { ...bodyOf(fields, values, timeZone), ...more, ...(grant === undefined ? {} : { grant }) });
    if (answer === undefined) return;
    setValues(initialOf(fields));
    onDone?.(answer);
  };
  return (
    <form
      className="record-form"
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        void submit();
      }}
    >
      <ApiProblemSummary
        problem={problem}
        fieldFor={(pointer) => {
          const name = pointer.slice(1).split("/", 1)[0] ?? "";
          return fields.some((field) => field.name === name) ? idOf(name) : null;
        }}
      />
      {fields.map((field) => (
        <RecordControl
          key={field.name}
          id={idOf(field.name)}
          field={field}
          value={values[field.name] ?? ""}
          error={fieldMessage(problem, `/${field.name}`)}
          onChange={(value) => {
            setValues((before) => ({ ...before, [field.name]: value }));
          }}
        />
      ))}
      {children}
      {proof.isAsked ? (
        <Field id={`${id}-password`} label="Your password, again" hint="This installation asks for it at the moment of signing. It is not kept." error={proof.problem}>
          <TextInput
            id={`${id}-password`}
            type="password"
            hinted
            autoComplete="current-password"
            error={proof.problem}
            value={proof.password}
            onChange={(event) => {
              proof.setPassword(event.target.value);
            }}
          />
        </Field>
      ) : null}
      <div className="chips">
        <Button type="submit" variant={variant} closed={pending}>
          {pending ? busy : button}
        </Button>
      </div>
    </form>
  );
}

type ControlProps = {
  readonly id: string;
  readonly field: RecordField;
  readonly value: string | readonly string[];
  readonly error: string | null;
  readonly onChange: (value: string | readonly string[]) => void;
};

function RecordControl({ id, field, value, error, onChange }: ControlProps) {
  const timeZone = useTimeZone();
  if (field.kind === "checks") return <Checks id={id} field={field} value={value} error={error} onChange={onChange} />;
  const shared = {
    id,
    error,
    hinted: field.hint !== undefined,
    value: typeof value === "string" ? value : "",
    onChange: (event: { readonly target: { readonly value: string } }) => {
      onChange(event.target.value);
    },
  };
  const label = field.kind === "time" ? `${field.label}, ${timeZone}` : field.label;
  return (
    <Field id={id} label={label} hint={field.hint} error={error} wide={field.kind === "area"}>
      {field.kind === "area" ? (
        <TextArea {...shared} rows={field.rows ?? 3} />
      ) : field.kind === "select" ? (
        <Select {...shared}>
          {(field.options ?? []).map((option) => (
            <option key={option.value} value={option.value}>
              {option.label}
            </option>
          ))}
        </Select>
      ) : (
        <TextInput
          {...shared}
          type={field.kind === "time" ? "datetime-local" : field.kind}
          autoComplete={field.kind === "password" ? "current-password" : "off"}
          {...(field.kind === "time" ? { step: 1 } : {})}
        />
      )}
    </Field>
  );
}

function Checks({ id, field, value, error, onChange }: ControlProps) {
  const chosen = typeof value === "string" ? [] : value;
  return (
    <fieldset className={`field is-wide${error ? " is-bad" : ""}`} id={id} tabIndex={-1} aria-describedby={error ? `${id}-error` : undefined}>
      <legend>{field.label}</legend>
      {(field.options ?? []).map((option) => (
        <label className="choice" key={option.value}>
          <input
            type="checkbox"
            checked={chosen.includes(option.value)}
            onChange={(event) => {
              onChange(event.target.checked ? [...chosen, option.value] : chosen.filter((one) => one !== option.value));
            }}
          />
          <span>{option.label}</span>
        </label>
      ))}
      {field.hint === undefined ? null : <span className="hint">{field.hint}</span>}
      <FieldError id={id} error={error} />
    </fieldset>
  );
}
