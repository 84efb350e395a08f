"use client";

import { useState } from "react";
import { fieldMessage } from "#lib/client/api-client.ts";
import { Button } from "../ui/button.tsx";
import { Field, Select, TextArea, TextInput } from "../ui/field.tsx";
import { useToast } from "../ui/toast.tsx";
import { ApiProblemSummary } from "./api-problem-summary.tsx";
import { useAct } from "./use-act.ts";

export type SettingField<Name extends string> = {
  readonly name: Name;
  readonly label: string;
  readonly hint: string;
  /** Where the server finds fault with it. */
  readonly pointer: string;
  /** Text with digits unless said otherwise. */
  readonly kind?: "text" | "area" | { readonly options: readonly { readonly value: string; readonly label: string }[] };
};

export type SettingGroup<Name extends string> = { readonly title: string; readonly fields: readonly SettingField<Name>[] };

export type SettingsFormProps<Name extends string> = {
  /** Prefix of the ids, unique on the page. */
  readonly id: string;
  readonly groups: readonly SettingGroup<Name>[];
  /** Everything as it is typed. */
  readonly initial: Readonly<Record<Name, string>>;
  readonly bodyOf: (draft: Readonly<Record<Name, string>>) => object;
  readonly path: string;
  readonly rowVersion: number;
  /** What is read again afterwards. */
  readonly topics: readonly string[];
  readonly button: string;
  readonly saved: string;
};

/** Settings in groups, saved together and with a reason, over the state that was seen. */
export function SettingsForm<Name extends string>({ id, groups, initial, bodyOf, path, rowVersion, topics, button, saved }: SettingsFormProps<Name>) {
  const [draft, setDraft] = useState(initial);
  const [reason, setReason] = useState("");
  const act = useAct(topics);
  const toast = useToast();
  const send = async (): Promise<void> => {
    if (await act.send(path, { ...bodyOf(draft), reason }, { method: "PUT", rowVersion })) toast({ shape: "passed", text: saved });
  };
  const fields = groups.flatMap((group) => group.fields);
  const fieldFor = (pointer: string): string => `${id}-${fields.find((field) => pointer.startsWith(field.pointer))?.name ?? "reason"}`;
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
      {groups.map(({ title, fields: own }) => (
        <fieldset key={title} className="level-group">
          <legend>{title}</legend>
          <div className="form-2">
            {own.map((field) => (
              <SettingControl
                key={field.name}
                id={`${id}-${field.name}`}
                field={field}
                value={draft[field.name]}
                error={fieldMessage(act.problem, field.pointer)}
                onChange={(value) => {
                  setDraft((now) => ({ ...now, [field.name]: value }));
                }}
              />
            ))}
          </div>
        </fieldset>
      ))}
      <Field id={`${id}-reason`} label="Why" wide hint="Kept in the audit trail beside what changed." error={fieldMessage(act.problem, "/reason")}>
        <TextArea
          id={`${id}-reason`}
          rows={2}
          maxLength={1000}
          hinted
          error={fieldMessage(act.problem, "/reason")}
          value={reason}
          onChange={(event) => {
            setReason(event.target.value);
          }}
        />
      </Field>
      <div className="row">
        <Button type="submit" variant="primary" closed={act.pending}>
          {act.pending ? "Saving" : button}
        </Button>
      </div>
    </form>
  );
}

type ControlProps = {
  readonly id: string;
  readonly field: SettingField<string>;
  readonly value: string;
  readonly error: string | null;
  readonly onChange: (value: string) => void;
};

function SettingControl({ id, field: { label, hint, kind }, value, error, onChange }: ControlProps) {
  const shared = {
    id,
    error,
    hinted: true,
    value,
    onChange: (event: { readonly target: { readonly value: string } }) => {
      onChange(event.target.value);
    },
  };
  return (
    <Field id={id} label={label} hint={hint} error={error} wide={kind === "area"}>
      {kind === "area" ? (
        <TextArea {...shared} rows={3} spellCheck={false} />
      ) : typeof kind === "object" ? (
        <Select {...shared}>
          {kind.options.map((option) => (
            <option key={option.value} value={option.value}>
              {option.label}
            </option>
          ))}
        </Select>
      ) : (
        <TextInput {...shared} autoComplete="off" inputMode={kind === "text" ? "text" : "decimal"} />
      )}
    </Field>
  );
}
