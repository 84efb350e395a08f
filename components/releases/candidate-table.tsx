"use client";

import type { CandidateChoice } from "#lib/contracts/views/new-release-view.ts";
import { Instant } from "../shell/instant.tsx";
import { ButtonLink } from "../ui/button.tsx";
import { Digest } from "../ui/digest.tsx";
import { EmptyState } from "../ui/empty-state.tsx";
import { FieldError } from "../ui/field.tsx";

export type CandidateTableProps = {
  readonly candidates: readonly CandidateChoice[];
  readonly value: string | null;
  readonly onChange: (versionName: string) => void;
  readonly now: string;
  readonly error: string | null;
};

/** Versions that could be released here. One that is not ready stays in the list and says what is missing. */
export function CandidateTable({ candidates, value, onChange, now, error }: CandidateTableProps) {
  if (candidates.length === 0) {
    return (
      <EmptyState
        heading="h3"
        title="There is no other version of this model"
        action={
          <ButtonLink href="/models/new" variant="primary">
            Register a version
          </ButtonLink>
        }
        command="npm run slipway -- register model.onnx --model NAME"
      >
        A release needs a version that is not live here yet. Register one and come back.
      </EmptyState>
    );
  }
  return (
    <fieldset
      className={`field is-wide${error ? " is-bad" : ""}`}
      id="candidates"
      tabIndex={-1}
      aria-describedby="candidates-error"
    >
      <legend className="vh">Version</legend>
      <table className="table is-cards">
        <thead>
          <tr>
            <th scope="col">Version</th>
            <th scope="col">Digest</th>
            <th scope="col">Registered</th>
            <th scope="col">Ready</th>
          </tr>
        </thead>
        <tbody>
          {candidates.map((one) => {
            const blocked = one.blockers.length > 0;
            return (
              <tr key={one.versionId}>
                <th scope="row" className="first-th">
                  <label className="choice">
                    <input
                      type="radio"
                      name="version"
                      value={one.versionName}
                      checked={value === one.versionName}
                      aria-disabled={blocked || undefined}
                      aria-describedby={blocked ? `blocked-${one.versionId}` : undefined}
                      onChange={() => {
                        if (!blocked) onChange(one.versionName);
                      }}
                    />
                    <span className="mono nowrap">{one.versionName}</span>
                  </label>
                </th>
                <td data-label="Digest">
                  <Digest value={one.digest} />
                </td>
                <td data-label="Registered">
                  <Instant at={one.createdAt} now={now} seconds={false} /> by {one.authorName}
                </td>
                <td className="wide" id={`blocked-${one.versionId}`}>
                  {blocked ? one.blockers.join(" ") : "Evidence complete"}
                </td>
              </tr>
            );
          })}
        </tbody>
      </table>
      <FieldError id="candidates" error={error} />
    </fieldset>
  );
}
