"use client";

import { spoken } from "#lib/client/registry-words.ts";
import { jurisdictions, riskTiers, sectors } from "#lib/contracts/registry-api.ts";
import type { NewVersionView } from "#lib/contracts/views/new-version-view.ts";
import { Field, PickGroup, Select, TextArea, TextInput } from "../ui/field.tsx";
import { Section } from "../ui/section.tsx";
import type { RegisterDraft } from "./register-draft.ts";

export type FactsSectionProps = {
  readonly draft: RegisterDraft;
  readonly view: NewVersionView;
  readonly error: (pointer: string) => string | null;
  /** Writes facts and remembers that the person did. */
  readonly write: (change: Partial<RegisterDraft>) => void;
  readonly chooseModel: (name: string | null) => void;
};

/** 2. The facts: four at most are required, and what the file or the parent says is filled in. */
export function FactsSection({ draft, view, error, write, chooseModel }: FactsSectionProps) {
  const isNew = draft.existing === null;
  const { chosen } = view;
  return (
    <Section
      id="facts"
      title="Facts"
      caption={
        isNew ? "four are required" : `version is required; the rest is ${draft.existing ?? ""}'s`
      }
    >
      <div className="form-2">
        <Field id="existing" label="Model">
          <Select
            id="existing"
            value={draft.existing ?? ""}
            onChange={(event) => {
              chooseModel(event.target.value === "" ? null : event.target.value);
            }}
          >
            <option value="">A new model</option>
            {view.models.map(({ name, newest }) => (
              <option key={name} value={name}>
                {name}
                {newest === null ? ", no version yet" : `, newest ${newest}`}
              </option>
            ))}
          </Select>
        </Field>
        {isNew ? (
          <Field
            id="name"
            label="Name"
            hint="Small letters, digits and hyphens; stands in addresses and is never used again."
            error={error("/name")}
          >
            <TextInput
              id="name"
              hinted
              error={error("/name")}
              value={draft.name}
              maxLength={63}
              autoComplete="off"
              spellCheck={false}
              onChange={(event) => {
                write({ name: event.target.value });
              }}
            />
          </Field>
        ) : (
          <Field
            id="parent"
            label={
              <>
                Made from <span className="from">its rules are carried over</span>
              </>
            }
            error={error("/parent")}
          >
            <Select
              id="parent"
              error={error("/parent")}
              value={draft.parent}
              onChange={(event) => {
                write({ parent: event.target.value });
              }}
            >
              <option value="">No earlier version</option>
              {(chosen?.versions ?? []).map(({ name }) => (
                <option key={name} value={name}>
                  {name}
                  {chosen?.parent?.versionName === name && chosen.parent.live ? ", live" : ""}
                </option>
              ))}
            </Select>
          </Field>
        )}
        <Field
          id="version"
          label="Version"
          hint={
            isNew
              ? "Such as 1.0.0."
              : `Proposed after ${chosen?.versions[0]?.name ?? "the first"}; each name is used once.`
          }
          error={error("/version")}
        >
          <TextInput
            id="version"
            hinted
            error={error("/version")}
            value={draft.version}
            maxLength={63}
            autoComplete="off"
            spellCheck={false}
            onChange={(event) => {
              write({ version: event.target.value });
            }}
          />
        </Field>
        {isNew ? (
          <Field
            id="owner"
            label="Owner"
            hint="E-mail of who answers for it. Empty: you."
            error={error("/owner")}
          >
            <TextInput
              id="owner"
              hinted
              type="email"
              error={error("/owner")}
              placeholder={view.viewerEmail}
              value={draft.owner}
              onChange={(event) => {
                write({ owner: event.target.value });
              }}
            />
          </Field>
        ) : (
          <Field
            id="notes"
            label="What changed"
            hint="One line for who reads the list of versions. Optional."
          >
            <TextInput
              id="notes"
              hinted
              value={draft.notes}
              maxLength={2000}
              onChange={(event) => {
                write({ notes: event.target.value });
              }}
            />
          </Field>
        )}
        {isNew ? (
          <NewModelFacts draft={draft} error={error} write={write} />
        ) : (
          <KnownFacts view={view} />
        )}
      </div>
    </Section>
  );
}

type PartProps = Pick<FactsSectionProps, "draft" | "error" | "write">;

function NewModelFacts({ draft, error, write }: PartProps) {
  return (
    <>
      <Field
        id="intendedUse"
        label="Intended use"
        wide
        hint="In a sentence: what decisions it supports, and what it is not for."
        error={error("/intendedUse")}
      >
        <TextArea
          id="intendedUse"
          hinted
          error={error("/intendedUse")}
          rows={2}
          maxLength={2000}
          value={draft.intendedUse}
          onChange={(event) => {
            write({ intendedUse: event.target.value });
          }}
        />
      </Field>
      <PickGroup
        id="riskTier"
        legend="Risk tier"
        name="riskTier"
        options={riskTiers.map((tier) => ({ value: tier, label: spoken(tier) }))}
        value={draft.riskTier}
        error={error("/riskTier")}
        onChange={(value) => {
          write({ riskTier: riskTiers.find((tier) => tier === value) ?? null });
        }}
      />
      <details className="field-more is-wide">
        <summary>Sector and jurisdictions, optional</summary>
        <Field id="sector" label="Sector">
          <Select
            id="sector"
            value={draft.sector}
            onChange={(event) => {
              write({ sector: event.target.value });
            }}
          >
            <option value="">Not stated</option>
            {sectors.map((sector) => (
              <option key={sector} value={sector}>
                {spoken(sector)}
              </option>
            ))}
          </Select>
        </Field>
        <fieldset className="field is-wide">
          <legend>Jurisdictions</legend>
          <div className="chips">
            {jurisdictions.map((place) => (
              <label className="choice" key={place}>
                <input
                  type="checkbox"
                  checked={draft.jurisdictions.includes(place)}
                  onChange={(event) => {
                    write({
                      jurisdictions: event.target.checked
                        ? [...draft.jurisdictions, place]
                        : draft.jurisdictions.filter((one) => one !== place),
                    });
                  }}
                />
                <span>{spoken(place)}</span>
              </label>
            ))}
          </div>
        </fieldset>
      </details>
    </>
  );
}

/** Facts of a model that exists: shown, not asked for again. */
function KnownFacts({ view }: { view: NewVersionView }) {
  if (view.chosen === null) return null;
  const { intendedUse, riskTier, ownerName } = view.chosen;
  return (
    <dl className="facts facts-tight is-wide">
      {[
        ["Intended use", intendedUse],
        ["Risk tier", spoken(riskTier)],
        ["Owner", ownerName],
      ].map(([label, value]) => (
        <div key={label}>
          <dt>{label}</dt>
          <dd className="tight">{value}</dd>
        </div>
      ))}
    </dl>
  );
}
