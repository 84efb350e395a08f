"use client";

import { useQuery } from "@tanstack/react-query";
import dynamic from "next/dynamic";
import { parseAsStringLiteral, useQueryState } from "nuqs";
import { formatMs, formatNumber, formatShare } from "#lib/client/format-number.ts";
import { endpointMonitoringQuery } from "#lib/client/registry-queries.ts";
import { roleWord } from "#lib/client/registry-words.ts";
import {
  monitoringRanges,
  type EndpointMonitoringView,
  type MonitoringArm,
  type MonitoringRange,
} from "#lib/contracts/views/endpoint-view.ts";
import { Instant } from "../shell/instant.tsx";
import { useServerNow } from "../shell/use-server-now.ts";
import { FilterChip } from "../ui/filter-chip.tsx";
import { Section } from "../ui/section.tsx";
import { MonitoringPointTable } from "./monitoring-point-table.tsx";

/** The drawings need a measured box and a large library: they come after the table, which says the same. */
const MonitoringCharts = dynamic(
  async () => (await import("./monitoring-charts.tsx")).MonitoringCharts,
  { ssr: false, loading: () => <div className="monitor-waiting" /> },
);

const rangeWords: Readonly<Record<MonitoringRange, string>> = {
  "15m": "15 min",
  "1h": "1 h",
  "6h": "6 h",
  "24h": "24 h",
};

/** Requests, errors and latency by arm: the table first, then the drawings. */
export function MonitoringSection({
  endpointName,
  initial,
}: {
  endpointName: string;
  initial: EndpointMonitoringView;
}) {
  const [range, setRange] = useQueryState(
    "range",
    parseAsStringLiteral(monitoringRanges).withDefault("1h"),
  );
  const { data } = useQuery({
    ...endpointMonitoringQuery(endpointName, range),
    ...(range === initial.range ? { initialData: initial } : {}),
  });
  const view = data ?? initial;
  const now = useServerNow(view.asOf);
  const silent = view.arms.every(({ requests }) => requests === 0);
  return (
    <Section
      id="monitoring"
      title="Requests, errors, latency"
      caption={
        <>
          whole slices of {formatNumber(view.pointSeconds)}&nbsp;s up to{" "}
          <Instant at={view.to} now={now} />
        </>
      }
    >
      <div className="toolrow">
        <div className="chips" role="group" aria-label="Time range">
          <span className="lab" aria-hidden="true">
            Range
          </span>
          {monitoringRanges.map((name) => (
            <FilterChip
              key={name}
              label={rangeWords[name]}
              pressed={range === name}
              onPress={() => {
                void setRange(name);
              }}
            />
          ))}
        </div>
      </div>
      {view.arms.length === 0 || silent ? (
        <p className="small">
          {view.arms.length === 0
            ? "No runtime reported anything here in this time."
            : "No request came in this time."}
        </p>
      ) : null}
      {view.arms.length === 0 ? null : <ArmTable arms={view.arms} />}
      {silent ? null : (
        <>
          <MonitoringCharts view={view} />
          <MonitoringPointTable view={view} endpointName={endpointName} />
        </>
      )}
    </Section>
  );
}

const msText = (value: number | null) =>
  value === null ? <span className="muted">none</span> : formatMs(value);

function ArmTable({ arms }: { arms: readonly MonitoringArm[] }) {
  return (
    <div className="table-wrap">
      <table className="table table-compact is-cards">
        <caption>
          Over the whole range and all runtimes. Percentiles are of the merged histograms, within
          1.1&nbsp;%; refused are requests the contract turned away before the model.
        </caption>
        <thead>
          <tr>
            <th scope="col">Arm</th>
            <th scope="col" className="n">
              Requests
            </th>
            <th scope="col" className="n">
              Errors
            </th>
            <th scope="col" className="n">
              Refused
            </th>
            <th scope="col" className="n">
              p50
            </th>
            <th scope="col" className="n">
              p95
            </th>
            <th scope="col" className="n">
              p99
            </th>
            <th scope="col" className="n">
              Wrong labels
            </th>
          </tr>
        </thead>
        <tbody>
          {arms.map((arm) => (
            <tr key={arm.key}>
              <th scope="row" className="first-th">
                {roleWord(arm.role)} {arm.versionName}
              </th>
              <td className="n" data-label="Requests">
                {formatNumber(arm.requests)}
              </td>
              <td className="n" data-label="Errors">
                {formatNumber(arm.errors)}
                {arm.requests === 0
                  ? ""
                  : `, ${formatShare(Math.min(1, arm.errors / arm.requests))}`}
              </td>
              <td className="n" data-label="Refused">
                {formatNumber(arm.refused)}
              </td>
              <td className="n" data-label="p50">
                {msText(arm.p50Ms)}
              </td>
              <td className="n" data-label="p95">
                {msText(arm.p95Ms)}
              </td>
              <td className="n" data-label="p99">
                {msText(arm.p99Ms)}
              </td>
              <td className="n" data-label="Wrong labels">
                {arm.labelsReceived === 0 ? (
                  <span className="muted">no labels</span>
                ) : (
                  `${formatNumber(arm.labelsWrong)} of ${formatNumber(arm.labelsReceived)}, ${formatShare(Math.min(1, arm.labelsWrong / arm.labelsReceived))}`
                )}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
