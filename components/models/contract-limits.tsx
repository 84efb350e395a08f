"use client";

import { hasDomain, hasRange, inputMode, type FieldDraft } from "#lib/client/contract-draft.ts";

type Control = (name: string) => Record<string, string | boolean | undefined>;

/** Least and greatest value, or the allowed values, as texts in the making. */
export function ContractLimits({
  field,
  control,
  write,
}: {
  field: FieldDraft;
  control: Control;
  write: (change: Partial<FieldDraft>) => void;
}) {
  const { base } = field;
  if (hasRange(base)) {
    return (
      <div className="range">
        <input
          className="input"
          {...control("min")}
          inputMode={inputMode(base)}
          placeholder="any"
          value={field.min}
          onChange={(event) => {
            write({ min: event.target.value });
          }}
        />
        to
        <input
          className="input"
          {...control("max")}
          inputMode={inputMode(base)}
          placeholder="any"
          value={field.max}
          onChange={(event) => {
            write({ max: event.target.value });
          }}
        />
        <span className="unit">{base.unit ?? ""}</span>
      </div>
    );
  }
  if (!hasDomain(base)) return <span className="muted">true or false</span>;
  return (
    <textarea
      className="input"
      {...control("domain")}
      rows={Math.min(3, Math.max(1, Math.ceil(field.domain.length / 20)))}
      placeholder="any value; or list them with commas"
      value={field.domain}
      onChange={(event) => {
        write({ domain: event.target.value });
      }}
    />
  );
}
