"use client";

import { versionStatus } from "#lib/client/registry-words.ts";
import type { NewEndpointView } from "#lib/contracts/views/new-endpoint-view.ts";
import { Instant } from "../shell/instant.tsx";
import { FieldError } from "../ui/field.tsx";
import { Status } from "../ui/status.tsx";

/** Versions of the chosen model, each with what it still needs in the chosen environment. */
export function VersionChoice({
  view,
  value,
  now,
  error,
  onChange,
}: {
  view: NewEndpointView;
  value: string | null;
  now: string;
  error: string | null;
  onChange: (version: string) => void;
}) {
  return (
    <fieldset
      className={error === null ? "field is-wide" : "field is-wide is-bad"}
      id="versions"
      tabIndex={-1}
      aria-describedby="versions-error"
    >
      <legend>Version</legend>
      <div className="table-wrap">
        <table className="table table-compact is-cards">
          <thead>
            <tr>
              <th scope="col">Version</th>
              <th scope="col">State</th>
              <th scope="col">Registered</th>
              <th scope="col">What it still needs here</th>
            </tr>
          </thead>
          <tbody>
            {view.versions.map((one) => {
              const status = versionStatus(one.state);
              return (
                <tr key={one.versionName}>
                  <th scope="row" className="first-th">
                    <label className="choice">
                      <input
                        type="radio"
                        name="version"
                        value={one.versionName}
                        checked={value === one.versionName}
                        onChange={() => {
                          onChange(one.versionName);
                        }}
                      />
                      <span>{one.versionName}</span>
                    </label>
                  </th>
                  <td className="v-cell">
                    <Status shape={status.shape}>{status.word}</Status>
                  </td>
                  <td className="nowrap" data-label="Registered">
                    <Instant at={one.createdAt} now={now} seconds={false} />
                  </td>
                  <td className="wide">
                    {one.blockers.length === 0 ? (
                      "nothing"
                    ) : (
                      <ul className="blockers">
                        {one.blockers.map((blocker) => (
                          <li key={blocker}>{blocker}</li>
                        ))}
                      </ul>
                    )}
                  </td>
                </tr>
              );
            })}
          </tbody>
        </table>
      </div>
      <FieldError id="versions" error={error} />
    </fieldset>
  );
}
