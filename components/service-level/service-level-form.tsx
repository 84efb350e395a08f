"use client";

import { useState } from "react";
import { fieldMessage } from "#lib/client/api-client.ts";
import type { ServiceLevelView } from "#lib/contracts/views/service-level-view.ts";
import { ApiProblemSummary } from "../shell/api-problem-summary.tsx";
import { useAct } from "../shell/use-act.ts";
import { Button } from "../ui/button.tsx";
import { Field, TextArea, TextInput } from "../ui/field.tsx";
import { Status } from "../ui/status.tsx";

/** Everything as it is typed: shares in percent. An empty group is not set. */
type Draft = Record<
  "availability" | "latencyMs" | "latencyShare" | "minReplicas" | "maxReplicas" | "targetUtilisation" | "scaleDownAfterSeconds" | "currency" | "perReplicaHour" | "perMonth" | "perThousandRequests" | "reason",
  string
>;

const asPercent = (share: number | null | undefined): string => (share === null || share === undefined ? "" : String(Number((share * 100).toPrecision(10))));
const asText = (value: number | null | undefined): string => (value === null || value === undefined ? "" : String(value));

const draftOf = ({ objectives, scaling, prices }: ServiceLevelView): Draft => ({
  availability: asPercent(objectives?.availability),
  latencyMs: asText(objectives?.latencyMs),
  latencyShare: asPercent(objectives?.latencyShare),
  minReplicas: asText(scaling?.minReplicas),
  maxReplicas: asText(scaling?.maxReplicas),
  targetUtilisation: asPercent(scaling?.targetUtilisation),
  scaleDownAfterSeconds: asText(scaling?.scaleDownAfterSeconds),
  currency: prices?.currency ?? "",
  perReplicaHour: asText(prices?.perReplicaHour),
  perMonth: asText(prices?.perMonth),
  perThousandRequests: asText(prices?.perThousandRequests),
  reason: "",
});

const numberOf = (text: string): number | null => (text.trim() === "" ? null : Number(text.replace(",", ".")));
const shareOf = (text: string): number | null => {
  const value = numberOf(text);
  return value === null ? null : Number((value / 100).toPrecision(12));
};
const isEmpty = (...texts: readonly string[]): boolean => texts.every((text) => text.trim() === "");

/** What the API is sent: a group none of whose fields is filled is null. */
function bodyOf(draft: Draft) {
  const { availability, latencyMs, latencyShare, minReplicas, maxReplicas, targetUtilisation, scaleDownAfterSeconds, currency, perReplicaHour, perMonth, perThousandRequests, reason } = draft;
  return {
    objectives: isEmpty(availability, latencyMs, latencyShare) ? null : { availability: shareOf(availability), latencyMs: numberOf(latencyMs), latencyShare: shareOf(latencyShare) },
    scaling: isEmpty(minReplicas, maxReplicas, targetUtilisation, scaleDownAfterSeconds)
      ? null
      : { minReplicas: numberOf(minReplicas), maxReplicas: numberOf(maxReplicas), targetUtilisation: shareOf(targetUtilisation), scaleDownAfterSeconds: numberOf(scaleDownAfterSeconds) },
    prices: isEmpty(currency, perReplicaHour, perMonth, perThousandRequests)
      ? null
      : { currency: currency.trim(), perReplicaHour: numberOf(perReplicaHour) ?? 0, perMonth: numberOf(perMonth) ?? 0, perThousandRequests: numberOf(perThousandRequests) ?? 0 },
    reason,
  };
}

const GROUPS: readonly { readonly group: "objectives" | "scaling" | "prices"; readonly title: string; readonly fields: readonly (readonly [keyof Draft, string, string])[] }[] = [
  {
    group: "objectives",
    title: "Objectives",
    fields: [
      ["availability", "Answered, in %", "Such as 99.9: one request in a thousand may fail."],
      ["latencyMs", "Fast enough within, in ms", "Leave out with the next one for no objective."],
      ["latencyShare", "Answers that are, in %", "Such as 99."],
    ],
  },
  {
    group: "scaling",
    title: "Scaling thresholds",
    fields: [
      ["minReplicas", "Replicas at the least", "Try numbers in the table above first."],
      ["maxReplicas", "Replicas at the most", "What may be spent at the worst."],
      ["targetUtilisation", "Busy, in %", "What is aimed at; 60 leaves room for queues."],
      ["scaleDownAfterSeconds", "Fewer after, in s", "So that a lull is not taken for the end."],
    ],
  },
  {
    group: "prices",
    title: "Prices",
    fields: [
      ["currency", "Currency", "Three letters, such as EUR."],
      ["perReplicaHour", "A replica for an hour", "Machine, memory, share of the cluster."],
      ["perMonth", "Every month", "Whatever is served: load balancer, licence."],
      ["perThousandRequests", "1,000 requests", "Where a cloud bills calls."],
    ],
  },
];

/** Objectives, thresholds and prices of an endpoint, saved together with a reason. */
export function ServiceLevelForm({ view }: { view: ServiceLevelView }) {
  const [draft, setDraft] = useState(() => draftOf(view));
  const [saved, setSaved] = useState(false);
  const act = useAct(["monitoring"]);
  const set = (field: keyof Draft, value: string): void => {
    setSaved(false);
    setDraft((now) => ({ ...now, [field]: value }));
  };
  const send = async (): Promise<void> => {
    setSaved(await act.send(`/api/v1/endpoints/${encodeURIComponent(view.endpointName)}/service-level`, bodyOf(draft), { method: "PUT", rowVersion: view.rowVersion }));
  };
  return (
    <form
      className="settings-form"
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        void send();
      }}
    >
      <ApiProblemSummary problem={act.problem} fieldFor={(pointer) => `level-${pointer.split("/").at(-1) ?? ""}`} />
      {GROUPS.map(({ group, title, fields }) => (
        <fieldset key={group} className="level-group">
          <legend>{title}</legend>
          <div className="form-2">
            {fields.map(([field, label, hint]) => {
              const error = fieldMessage(act.problem, `/${group}/${field}`);
              return (
                <Field key={field} id={`level-${field}`} label={label} hint={hint} error={error}>
                  <TextInput
                    id={`level-${field}`}
                    hinted
                    error={error}
                    autoComplete="off"
                    inputMode={field === "currency" ? "text" : "decimal"}
                    value={draft[field]}
                    onChange={(event) => {
                      set(field, event.target.value);
                    }}
                  />
                </Field>
              );
            })}
          </div>
        </fieldset>
      ))}
      <Field id="level-reason" label="Why" wide hint="Kept in the audit trail beside what changed." error={fieldMessage(act.problem, "/reason")}>
        <TextArea
          id="level-reason"
          rows={2}
          maxLength={1000}
          hinted
          error={fieldMessage(act.problem, "/reason")}
          value={draft.reason}
          onChange={(event) => {
            set("reason", event.target.value);
          }}
        />
      </Field>
      <div className="row">
        <Button type="submit" variant="primary" closed={act.pending}>
          {act.pending ? "Saving" : "Save the service level"}
        </Button>
        <span role="status">{saved ? <Status shape="passed">Saved</Status> : null}</span>
      </div>
    </form>
  );
}
