"use client";

import { useState } from "react";
import { fieldMessage } from "#lib/client/api-client.ts";
import type { DeviceFleet } from "#lib/contracts/views/devices-view.ts";
import { ApiProblemSummary } from "../shell/api-problem-summary.tsx";
import { useAct } from "../shell/use-act.ts";
import { Button } from "../ui/button.tsx";
import { Field, Select, TextArea } from "../ui/field.tsx";

/** Offers another version to the devices of an endpoint; folded away until it is wanted. */
export function StartUpdateForm({ fleet }: { fleet: DeviceFleet }) {
  const { endpoint, candidates } = fleet;
  const [version, setVersion] = useState(candidates[0] ?? "");
  const [reason, setReason] = useState("");
  const act = useAct(["endpoint"]);
  const id = `update-${endpoint}`;
  const reasonError = fieldMessage(act.problem, "/reason");
  const submit = async (): Promise<void> => {
    if (await act.send("/api/v1/edge/updates", { endpoint, version, reason })) setReason("");
  };
  return (
    <details>
      <summary>Offer another version to the devices of {endpoint}</summary>
      <form
        className="settings-form"
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          void submit();
        }}
      >
        <ApiProblemSummary problem={act.problem} fieldFor={(pointer) => `${id}${pointer.replace("/", "-")}`} />
        <p className="small">It reaches no device before somebody widens it to the first ring. The environment&rsquo;s evidence is asked for.</p>
        <Field id={`${id}-version`} label="Version">
          <Select
            id={`${id}-version`}
            value={version}
            onChange={(event) => {
              setVersion(event.target.value);
            }}
          >
            {candidates.map((name) => (
              <option key={name}>{name}</option>
            ))}
          </Select>
        </Field>
        <Field id={`${id}-reason`} label="Reason" hint="Kept in the audit trail." error={reasonError}>
          <TextArea
            id={`${id}-reason`}
            hinted
            rows={2}
            error={reasonError}
            value={reason}
            onChange={(event) => {
              setReason(event.target.value);
            }}
          />
        </Field>
        <div>
          <Button type="submit" closed={act.pending}>
            Offer it
          </Button>
        </div>
      </form>
    </details>
  );
}
