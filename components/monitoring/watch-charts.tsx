"use client";

import { Bar, BarChart, CartesianGrid, Line, LineChart, ReferenceLine, ResponsiveContainer, Tooltip, XAxis, YAxis } from "recharts";
import { formatNumber } from "#lib/client/format-number.ts";
import { formatClock, formatInstant, formatZone } from "#lib/client/format-time.ts";
import type { Distribution, MonitoringView, WatchPoint } from "#lib/contracts/views/monitoring-view.ts";
import { timeTicks } from "../charts/scales.ts";
import { useTimeZone } from "../shell/viewer-context.tsx";

/** Recharts for the exploratory drawings. They render nothing on the server: sentence and table come first. */

type Series = { readonly key: keyof WatchPoint; readonly label: string; readonly dash?: string; readonly width: number };
type Chart = {
  readonly id: string;
  readonly title: string;
  readonly scale: number;
  readonly series: readonly Series[];
  readonly limit: number | null;
  readonly digits: number;
};

const limitOf = (view: MonitoringView, key: string): number | null => view.signals.find((signal) => signal.key === key && signal.enabled)?.limit ?? null;

function chartsOf(view: MonitoringView): readonly Chart[] {
  const accuracy = limitOf(view, "measured_accuracy");
  const errors = limitOf(view, "error_rate");
  const all: readonly Chart[] = [
    { id: "latency", title: "Latency, ms", scale: 1, digits: 1, limit: limitOf(view, "latency_p95"), series: [{ key: "p50Ms", label: "p50", dash: "1 3", width: 1.5 }, { key: "p95Ms", label: "p95", width: 2 }, { key: "p99Ms", label: "p99", dash: "6 3", width: 1 }] },
    { id: "requests", title: "Requests a second", scale: 1, digits: 1, limit: null, series: [{ key: "requestsPerSecond", label: "requests a second", width: 2 }] },
    { id: "errors", title: "Errors, % of requests", scale: 100, digits: 2, limit: errors === null ? null : errors * 100, series: [{ key: "errorShare", label: "errors", width: 2 }] },
    { id: "accuracy", title: "Measured accuracy, % of labels, with 95 % interval", scale: 100, digits: 1, limit: accuracy === null ? null : accuracy * 100, series: [{ key: "accuracyLow", label: "lower end", dash: "1 3", width: 1 }, { key: "accuracy", label: "accuracy", width: 2 }, { key: "accuracyHigh", label: "upper end", dash: "1 3", width: 1 }] },
    { id: "value", title: "Value per outcome", scale: 1, digits: 2, limit: limitOf(view, "business_value"), series: [{ key: "value", label: "mean value", width: 2 }] },
  ];
  return all.filter(({ series }) => view.points.some((point) => series.some(({ key }) => point[key] !== null)));
}

export function WatchCharts({ view }: { view: MonitoringView }) {
  return (
    <div className="monitor-charts">
      {chartsOf(view).map((chart) => (
        <WatchChart key={chart.id} chart={chart} view={view} />
      ))}
    </div>
  );
}

const numberAt = (point: WatchPoint, key: keyof WatchPoint): number | null => {
  const value = point[key];
  return typeof value === "number" ? value : null;
};

function summaryOf(chart: Chart, view: MonitoringView): string {
  const parts = chart.series.map(({ key, label }) => {
    const known = view.points.map((point) => numberAt(point, key)).filter((value): value is number => value !== null);
    const last = known.at(-1);
    if (last === undefined) return `${label}: nothing reported`;
    const say = (value: number) => formatNumber(value * chart.scale, chart.digits);
    return `${label}: ${say(last)} at the end, between ${say(Math.min(...known))} and ${say(Math.max(...known))}`;
  });
  return `${chart.title}. ${parts.join("; ")}.`;
}

function WatchChart({ chart, view }: { chart: Chart; view: MonitoringView }) {
  const timeZone = useTimeZone();
  const domain: [number, number] = [Date.parse(view.from), Date.parse(view.to)];
  const { at, stepSeconds } = timeTicks(domain, 6);
  const long = domain[1] - domain[0] > 2 * 86_400_000;
  const rows = view.points.map((point) => ({
    atMs: Date.parse(point.at),
    ...Object.fromEntries(chart.series.map(({ key }) => [key, numberAt(point, key) === null ? null : (numberAt(point, key) ?? 0) * chart.scale])),
  }));
  const tick = (ms: number): string => {
    const instant = new Date(ms).toISOString();
    return long ? formatInstant(instant, timeZone, view.asOf).replace(/,? \d\d:\d\d.*$/, "") : formatClock(instant, timeZone, stepSeconds < 60);
  };
  const summary = summaryOf(chart, view);
  return (
    <figure className="monitor-chart">
      <figcaption>
        <h3 id={`watch-${chart.id}`}>{chart.title}</h3>
        <p className="caption">{summary} Times in {formatZone(view.to, timeZone)}.</p>
      </figcaption>
      <div className="monitor-plot" role="img" aria-label={summary}>
        <ResponsiveContainer width="100%" height="100%">
          <LineChart data={rows} margin={{ top: 8, right: 16, bottom: 0, left: 0 }} accessibilityLayer={false}>
            <CartesianGrid vertical={false} stroke="var(--rule)" />
            <XAxis dataKey="atMs" type="number" domain={domain} ticks={[...at]} tickFormatter={tick} stroke="var(--rule-strong)" tick={{ fill: "var(--ink-2)" }} />
            <YAxis width={52} domain={["auto", "auto"]} tickFormatter={(value: number) => formatNumber(value, Math.abs(value) < 10 && value !== 0 ? 1 : 0)} axisLine={false} tickLine={false} tick={{ fill: "var(--ink-2)" }} />
            <Tooltip
              isAnimationActive={false}
              cursor={{ stroke: "var(--ink)", strokeDasharray: "1 2" }}
              labelFormatter={(label) => (typeof label === "number" ? formatInstant(new Date(label).toISOString(), timeZone, view.asOf) : "")}
              formatter={(value) => (typeof value === "number" ? formatNumber(value, chart.digits) : "nothing reported")}
              contentStyle={{ background: "var(--surface)", border: "1px solid var(--rule-strong)" }}
            />
            {chart.limit === null ? null : <ReferenceLine y={chart.limit} stroke="var(--limit)" strokeWidth={2} label={{ value: "limit", position: "insideTopRight", fill: "var(--ink-2)" }} ifOverflow="extendDomain" />}
            {chart.series.map(({ key, label, dash, width }) => (
              <Line key={key} dataKey={key} name={label} type="linear" dot={false} connectNulls={false} isAnimationActive={false} stroke="var(--ink)" strokeWidth={width} {...(dash === undefined ? {} : { strokeDasharray: dash })} />
            ))}
          </LineChart>
        </ResponsiveContainer>
      </div>
    </figure>
  );
}

/** Two histograms: now filled, the reference as an outline. */
export function DistributionChart({ distribution, referenceWord, summary }: { distribution: Distribution; referenceWord: string; summary: string }) {
  const rows = distribution.bins.map((bin) => ({ label: bin.label, before: bin.reference * 100, now: bin.current * 100 }));
  return (
    <div className="monitor-plot" role="img" aria-label={`${summary} The bins are in the table.`}>
      <ResponsiveContainer width="100%" height="100%">
        <BarChart data={rows} margin={{ top: 8, right: 8, bottom: 0, left: 0 }} accessibilityLayer={false} barGap={1} barCategoryGap="15%">
          <CartesianGrid vertical={false} stroke="var(--rule)" />
          <XAxis dataKey="label" interval="preserveStartEnd" stroke="var(--rule-strong)" tick={{ fill: "var(--ink-2)" }} />
          <YAxis width={52} unit=" %" axisLine={false} tickLine={false} tick={{ fill: "var(--ink-2)" }} />
          <Tooltip isAnimationActive={false} cursor={{ fill: "var(--rule)" }} formatter={(value) => (typeof value === "number" ? `${formatNumber(value, 1)} %` : "")} contentStyle={{ background: "var(--surface)", border: "1px solid var(--rule-strong)" }} />
          <Bar dataKey="before" name={referenceWord} fill="transparent" stroke="var(--ink)" strokeDasharray="4 2" isAnimationActive={false} />
          <Bar dataKey="now" name="Now" fill="var(--ink-3)" stroke="var(--ink)" isAnimationActive={false} />
        </BarChart>
      </ResponsiveContainer>
    </div>
  );
}
