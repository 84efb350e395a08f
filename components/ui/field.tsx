import type {
  InputHTMLAttributes,
  ReactNode,
  Ref,
  SelectHTMLAttributes,
  TextareaHTMLAttributes,
} from "react";
import { Mark } from "./mark.tsx";

export type FieldProps = {
  /** Id of the control inside; hint and error get ids derived from it. */
  readonly id: string;
  readonly label: ReactNode;
  readonly hint?: ReactNode;
  readonly error?: string | null | undefined;
  readonly wide?: boolean;
  readonly children: ReactNode;
};

/** Label, control, hint, and the error with its shape beside the control that caused it. */
export function Field({ id, label, hint, error, wide = false, children }: FieldProps) {
  return (
    <div className={`field${error ? " is-bad" : ""}${wide ? " is-wide" : ""}`}>
      <label htmlFor={id}>{label}</label>
      {children}
      {hint ? (
        <span className="hint" id={`${id}-hint`}>
          {hint}
        </span>
      ) : null}
      <FieldError id={id} error={error} />
    </div>
  );
}

export function FieldError({ id, error }: { id: string; error?: string | null | undefined }) {
  return (
    <span className="error" id={`${id}-error`}>
      {error ? (
        <>
          <Mark name="failed" />
          {error}
        </>
      ) : null}
    </span>
  );
}

type Described = {
  readonly id: string;
  readonly error?: string | null | undefined;
  readonly hinted?: boolean;
};

function described({ id, error, hinted }: Described) {
  const ids = [hinted ? `${id}-hint` : "", error ? `${id}-error` : ""].filter(Boolean).join(" ");
  return {
    id,
    "aria-invalid": error ? true : undefined,
    "aria-describedby": ids === "" ? undefined : ids,
  };
}

export function TextInput({
  id,
  error,
  hinted = false,
  className = "",
  ...rest
}: Described & InputHTMLAttributes<HTMLInputElement> & { readonly ref?: Ref<HTMLInputElement> }) {
  return (
    <input
      {...rest}
      {...described({ id, error, hinted })}
      className={`input ${className}`.trim()}
    />
  );
}

export function TextArea({
  id,
  error,
  hinted = false,
  ...rest
}: Described &
  TextareaHTMLAttributes<HTMLTextAreaElement> & { readonly ref?: Ref<HTMLTextAreaElement> }) {
  return <textarea {...rest} {...described({ id, error, hinted })} className="input" />;
}

export function Select({
  id,
  error,
  hinted = false,
  className = "",
  ...rest
}: Described & SelectHTMLAttributes<HTMLSelectElement>) {
  return (
    <select
      {...rest}
      {...described({ id, error, hinted })}
      className={`input ${className}`.trim()}
    />
  );
}

export type PickOption = { readonly value: string; readonly label: string };
export type PickGroupProps = {
  readonly id: string;
  readonly legend: string;
  readonly name: string;
  readonly options: readonly PickOption[];
  readonly value: string | null;
  readonly onChange: (value: string) => void;
  readonly error?: string | null | undefined;
};

/** One of a few: radio buttons that look like chips, worked with the arrow keys. */
export function PickGroup({ id, legend, name, options, value, onChange, error }: PickGroupProps) {
  return (
    <fieldset
      className={`field is-wide${error ? " is-bad" : ""}`}
      id={id}
      tabIndex={-1}
      aria-describedby={error ? `${id}-error` : undefined}
    >
      <legend>{legend}</legend>
      <div className="chips">
        {options.map((option) => (
          <label className="pick" key={option.value}>
            <input
              type="radio"
              name={name}
              value={option.value}
              checked={value === option.value}
              onChange={() => {
                onChange(option.value);
              }}
            />
            <span>{option.label}</span>
          </label>
        ))}
      </div>
      <FieldError id={id} error={error} />
    </fieldset>
  );
}

/** One of a few where each choice is a sentence. */
export function ChoiceGroup({ id, legend, name, options, value, onChange, error }: PickGroupProps) {
  return (
    <fieldset
      className={`field is-wide${error ? " is-bad" : ""}`}
      id={id}
      tabIndex={-1}
      aria-describedby={error ? `${id}-error` : undefined}
    >
      <legend>{legend}</legend>
      {options.map((option) => (
        <label className="choice" key={option.value}>
          <input
            type="radio"
            name={name}
            value={option.value}
            checked={value === option.value}
            onChange={() => {
              onChange(option.value);
            }}
          />
          <span>{option.label}</span>
        </label>
      ))}
      <FieldError id={id} error={error} />
    </fieldset>
  );
}
