"use client";

import type { IncidentView } from "#lib/contracts/incident-api.ts";
import { INCIDENT_STATE_LABELS } from "#lib/domain/incident/incident.ts";
import { RecordForm } from "../shell/record-form.tsx";

/** To where the incident may go, and what still stops it from being closed. */
export function StateSection({ view, path }: { view: IncidentView; path: string }) {
  if (!view.mayEdit) return null;
  return (
    <details className="field-more">
      <summary>Change its state</summary>
      {view.nextStates.includes("closed") && view.closingRefusals.length > 0 ? (
        <p className="small" id="why-not-closed">
          It cannot be closed yet. {view.closingRefusals.join(" ")}
        </p>
      ) : null}
      <RecordForm
        id="state"
        path={`${path}/state`}
        button="Record the new state"
        busy="Recording"
        fields={[
          {
            name: "state",
            label: "New state",
            kind: "select",
            options: view.nextStates.map((value) => ({ value, label: INCIDENT_STATE_LABELS[value] })),
            initial: view.nextStates[0] ?? "",
          },
          { name: "reason", label: "Reason", kind: "area", rows: 2 },
        ]}
      />
    </details>
  );
}
