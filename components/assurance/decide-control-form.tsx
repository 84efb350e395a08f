"use client";

import { useState } from "react";
import { fieldMessage } from "#lib/client/api-client.ts";
import { ApiProblemSummary } from "../shell/api-problem-summary.tsx";
import { Button } from "../ui/button.tsx";
import { Field, Select, TextArea, TextInput } from "../ui/field.tsx";
import { useGovernanceAct } from "./use-governance-act.ts";

const fieldFor = (pointer: string): string | null => (pointer === "/reason" ? "decide-reason" : pointer === "/days" ? "decide-days" : null);

/** A signed word on one control of one model: does not apply, applies after all, or waived for a time. */
export function DecideControlForm({ controlId, models }: { controlId: string; models: readonly string[] }) {
  const [model, setModel] = useState(models[0] ?? "");
  const [decision, setDecision] = useState("waived");
  const [reason, setReason] = useState("");
  const [days, setDays] = useState("30");
  const act = useGovernanceAct(`/api/v1/models/${encodeURIComponent(model)}/controls`);
  return (
    <form
      className="settings-form"
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        void act.send({ controlId, decision, reason, days: Number(days) }).then((done) => { if (done) setReason(""); });
      }}
    >
      <ApiProblemSummary problem={act.problem} fieldFor={fieldFor} />
      <div className="row">
        <Field id="decide-model" label="Model">
          <Select id="decide-model" value={model} onChange={(event) => { setModel(event.target.value); }}>
            {models.map((name) => (
              <option key={name} value={name}>{name}</option>
            ))}
          </Select>
        </Field>
        <Field id="decide-what" label="Decision">
          <Select id="decide-what" value={decision} onChange={(event) => { setDecision(event.target.value); }}>
            <option value="waived">Waive for a time</option>
            <option value="not_applicable">Does not apply</option>
            <option value="applicable">Applies after all</option>
          </Select>
        </Field>
        <Field id="decide-days" label="For how many days" error={fieldMessage(act.problem, "/days")}>
          <TextInput id="decide-days" inputMode="numeric" value={days} error={fieldMessage(act.problem, "/days")} onChange={(event) => { setDays(event.target.value); }} />
        </Field>
      </div>
      <Field id="decide-reason" label="Reason" hint="Signed with your name; it stays in the record. A waiver opens our gates; the duty stays." error={fieldMessage(act.problem, "/reason")} wide>
        <TextArea id="decide-reason" hinted rows={2} maxLength={2000} value={reason} error={fieldMessage(act.problem, "/reason")} onChange={(event) => { setReason(event.target.value); }} />
      </Field>
      <div className="row">
        <Button type="submit" variant="primary" closed={act.pending}>{act.pending ? "Signing" : "Sign"}</Button>
      </div>
      <p role="status" className="small">{act.done ? "Signed." : ""}</p>
    </form>
  );
}
