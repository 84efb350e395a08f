"use client";

import type { ServiceLevelView } from "#lib/contracts/views/service-level-view.ts";
import { SettingsForm, type SettingGroup } from "../shell/settings-form.tsx";
import { asPercent, asText, numberOf, shareOf } from "../shell/typed-number.ts";

/** Everything as it is typed: shares in percent. An empty group is not set. */
type Draft = Record<
  "availability" | "latencyMs" | "latencyShare" | "minReplicas" | "maxReplicas" | "targetUtilisation" | "scaleDownAfterSeconds" | "currency" | "perReplicaHour" | "perMonth" | "perThousandRequests",
  string
>;

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
});

const isEmpty = (...texts: readonly string[]): boolean => texts.every((text) => text.trim() === "");

/** What the API is sent: a group none of whose fields is filled is null. */
function bodyOf(draft: Draft) {
  const { availability, latencyMs, latencyShare, minReplicas, maxReplicas, targetUtilisation, scaleDownAfterSeconds, currency, perReplicaHour, perMonth, perThousandRequests } = draft;
  return {
    objectives: isEmpty(availability, latencyMs, latencyShare) ? null : { availability: shareOf(availability), latencyMs: numberOf(latencyMs), latencyShare: shareOf(latencyShare) },
    scaling: isEmpty(minReplicas, maxReplicas, targetUtilisation, scaleDownAfterSeconds)
      ? null
      : { minReplicas: numberOf(minReplicas), maxReplicas: numberOf(maxReplicas), targetUtilisation: shareOf(targetUtilisation), scaleDownAfterSeconds: numberOf(scaleDownAfterSeconds) },
    prices: isEmpty(currency, perReplicaHour, perMonth, perThousandRequests)
      ? null
      : { currency: currency.trim(), perReplicaHour: numberOf(perReplicaHour) ?? 0, perMonth: numberOf(perMonth) ?? 0, perThousandRequests: numberOf(perThousandRequests) ?? 0 },
  };
}

const GROUPS: readonly SettingGroup<keyof Draft>[] = [
  {
    title: "Objectives",
    fields: [
      { name: "availability", pointer: "/objectives/availability", label: "Answered, in %", hint: "Such as 99.9: one request in a thousand may fail." },
      { name: "latencyMs", pointer: "/objectives/latencyMs", label: "Fast enough within, in ms", hint: "Leave out with the next one for no objective." },
      { name: "latencyShare", pointer: "/objectives/latencyShare", label: "Answers that are, in %", hint: "Such as 99." },
    ],
  },
  {
    title: "Scaling thresholds",
    fields: [
      { name: "minReplicas", pointer: "/scaling/minReplicas", label: "Replicas at the least", hint: "Try numbers in the table above first." },
      { name: "maxReplicas", pointer: "/scaling/maxReplicas", label: "Replicas at the most", hint: "What may be spent at the worst." },
      { name: "targetUtilisation", pointer: "/scaling/targetUtilisation", label: "Busy, in %", hint: "What is aimed at; 60 leaves room for queues." },
      { name: "scaleDownAfterSeconds", pointer: "/scaling/scaleDownAfterSeconds", label: "Fewer after, in s", hint: "So that a lull is not taken for the end." },
    ],
  },
  {
    title: "Prices",
    fields: [
      { name: "currency", pointer: "/prices/currency", label: "Currency", hint: "Three letters, such as EUR.", kind: "text" },
      { name: "perReplicaHour", pointer: "/prices/perReplicaHour", label: "A replica for an hour", hint: "Machine, memory, share of the cluster." },
      { name: "perMonth", pointer: "/prices/perMonth", label: "Every month", hint: "Whatever is served: load balancer, licence." },
      { name: "perThousandRequests", pointer: "/prices/perThousandRequests", label: "1,000 requests", hint: "Where a cloud bills calls." },
    ],
  },
];

/** Objectives, thresholds and prices of an endpoint, saved together with a reason. */
export function ServiceLevelForm({ view }: { view: ServiceLevelView }) {
  return (
    <SettingsForm
      id="level"
      groups={GROUPS}
      initial={draftOf(view)}
      bodyOf={bodyOf}
      path={`/api/v1/endpoints/${encodeURIComponent(view.endpointName)}/service-level`}
      rowVersion={view.rowVersion}
      topics={["monitoring"]}
      button="Save the service level"
      saved={`The service level of ${view.endpointName} is saved.`}
    />
  );
}
