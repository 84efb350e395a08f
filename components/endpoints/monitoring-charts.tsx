"use client";

import {
  CartesianGrid,
  Line,
  LineChart,
  ResponsiveContainer,
  Tooltip,
  XAxis,
  YAxis,
  type TooltipContentProps,
} from "recharts";
import { formatMs, formatNumber } from "#lib/client/format-number.ts";
import { formatClock, formatInstant, formatZone } from "#lib/client/format-time.ts";
import {
  linesOf,
  rowsOf,
  type MonitoringLine,
  type MonitoringMeasure,
} from "#lib/client/monitoring-series.ts";
import type { EndpointMonitoringView } from "#lib/contracts/views/endpoint-view.ts";
import { timeTicks } from "../charts/scales.ts";
import { useTimeZone } from "../shell/viewer-context.tsx";
import { strokeOf } from "./line-style.ts";

type Chart = {
  readonly id: string;
  readonly title: string;
  readonly measures: readonly MonitoringMeasure[];
  readonly text: (value: number) => string;
};

const charts: readonly Chart[] = [
  {
    id: "requests",
    title: "Requests a second",
    measures: ["requestsPerSecond"],
    text: (value) => formatNumber(value, value < 10 ? 1 : 0),
  },
  {
    id: "errors",
    title: "Errors, % of requests",
    measures: ["errorShare"],
    text: (value) => `${formatNumber(value, 2)}\u00a0%`,
  },
  {
    id: "latency",
    title: "Latency, ms: p50, p95, p99",
    measures: ["p50Ms", "p95Ms", "p99Ms"],
    text: formatMs,
  },
];

/** The three drawings. Lines differ by dash and width first, by colour last; their numbers are in the tables. */
export function MonitoringCharts({ view }: { view: EndpointMonitoringView }) {
  return (
    <div className="monitor-charts">
      {charts.map((chart) => (
        <MonitoringChart key={chart.id} chart={chart} view={view} />
      ))}
    </div>
  );
}

function MonitoringChart({ chart, view }: { chart: Chart; view: EndpointMonitoringView }) {
  const timeZone = useTimeZone();
  const lines = linesOf(view.arms, chart.measures);
  const rows = rowsOf(view, lines);
  const domain: [number, number] = [Date.parse(view.from), Date.parse(view.to)];
  const { at, stepSeconds } = timeTicks(domain, 6);
  return (
    <figure className="monitor-chart">
      <figcaption>
        <h3 id={`monitor-${chart.id}`}>{chart.title}</h3>
        <LineKey lines={lines} />
      </figcaption>
      <div className="monitor-plot" role="img" aria-label={summaryOf(chart, lines)}>
        <ResponsiveContainer width="100%" height="100%">
          <LineChart
            data={[...rows]}
            margin={{ top: 8, right: 16, bottom: 0, left: 0 }}
            accessibilityLayer={false}
          >
            <CartesianGrid vertical={false} stroke="var(--rule)" />
            <XAxis
              dataKey="atMs"
              type="number"
              domain={domain}
              ticks={[...at]}
              tickFormatter={(ms: number) =>
                formatClock(new Date(ms).toISOString(), timeZone, stepSeconds < 60)
              }
              stroke="var(--rule-strong)"
              tick={{ fill: "var(--ink-2)" }}
            />
            <YAxis
              width={52}
              domain={[0, "auto"]}
              tickFormatter={(value: number) =>
                formatNumber(value, value !== 0 && value < 10 ? 1 : 0)
              }
              axisLine={false}
              tickLine={false}
              tick={{ fill: "var(--ink-2)" }}
            />
            <Tooltip
              isAnimationActive={false}
              cursor={{ stroke: "var(--ink)", strokeDasharray: "1 2" }}
              content={(props) => (
                <Readout {...props} lines={lines} text={chart.text} timeZone={timeZone} />
              )}
            />
            {lines.map((line) => (
              <Line
                key={line.key}
                dataKey={line.key}
                name={line.label}
                type="linear"
                dot={false}
                activeDot={{ r: 3 }}
                connectNulls={false}
                isAnimationActive={false}
                {...strokeOf(line)}
              />
            ))}
          </LineChart>
        </ResponsiveContainer>
      </div>
      <p className="caption">Times in {formatZone(view.to, timeZone)}.</p>
    </figure>
  );
}

function LineKey({ lines }: { lines: readonly MonitoringLine[] }) {
  return (
    <div className="monitor-key">
      {lines.map((line) => (
        <span key={line.key}>
          <svg viewBox="0 0 32 12" aria-hidden="true">
            <path d="M0 6H32" fill="none" {...strokeOf(line)} />
          </svg>
          {line.label}
        </span>
      ))}
    </div>
  );
}

/** Newest value of each line, in one sentence. */
function summaryOf(chart: Chart, lines: readonly MonitoringLine[]): string {
  const parts = lines.map(({ arm, measure, label }) => {
    const newest = arm.points.findLast((point) => point[measure] !== null)?.[measure] ?? null;
    if (newest === null) return `${label}: nothing reported`;
    return `${label}: ${chart.text(measure === "errorShare" ? newest * 100 : newest)} at the end`;
  });
  return `${chart.title}. ${parts.join("; ")}. The same numbers are in the table below.`;
}

type ReadoutProps = Partial<TooltipContentProps> & {
  readonly lines: readonly MonitoringLine[];
  readonly text: (value: number) => string;
  readonly timeZone: string;
};

function Readout({ active, payload, label, lines, text, timeZone }: ReadoutProps) {
  if (active !== true || payload === undefined || typeof label !== "number") return null;
  const at = new Date(label).toISOString();
  return (
    <div className="monitor-tip">
      <b>{formatInstant(at, timeZone, at)}</b>
      {lines.map(({ key, label: name }) => {
        const value: unknown = payload.find((entry) => entry.dataKey === key)?.value;
        return (
          <div key={key}>
            {name}: {typeof value === "number" ? text(value) : "nothing reported"}
          </div>
        );
      })}
    </div>
  );
}
