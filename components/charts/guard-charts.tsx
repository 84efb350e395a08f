"use client";

import { useState } from "react";
import { csvText, downloadText } from "#lib/client/csv.ts";
import { formatRatio, formatTimes } from "#lib/client/format-number.ts";
import { formatInstant } from "#lib/client/format-time.ts";
import type { GuardView } from "#lib/contracts/views/guard-view.ts";
import { Button } from "../ui/button.tsx";
import { CopyButton } from "../ui/copy-button.tsx";
import { ArmsChart, armValue } from "./arms-chart.tsx";
import { bandText } from "./band-text.ts";
import { ratioFrames, type ChartSize, type Flag, type StepColumn } from "./chart-frame.ts";
import { ChartSlider } from "./chart-slider.tsx";
import { GuardSeriesTable, guardSeries, type SeriesRow } from "./guard-series-table.tsx";
import { RatioChart } from "./ratio-chart.tsx";
import { svgText } from "./svg-text.ts";

export type GuardChartsProps = {
  readonly guard: GuardView;
  readonly steps: readonly StepColumn[];
  readonly flags: readonly Flag[];
  readonly fromMs: number;
  readonly nowMs: number;
  readonly moving: boolean;
  readonly timeZone: string;
  /** For file names: "release-142". */
  readonly fileStem: string;
};

const sizes: readonly ChartSize[] = ["wide", "narrow"];

/** Ratio chart and arms chart of one guard with a shared crosshair, the table of the same numbers, SVG and CSV. */
export function GuardCharts(props: GuardChartsProps) {
  const { guard, timeZone } = props;
  const [index, setIndex] = useState<number | null>(null);
  const [table, setTable] = useState(false);
  const rows = guardSeries(guard);
  const row = index === null ? null : (rows[index] ?? null);
  const crosshairMs = row === null ? null : Date.parse(row.at);
  const now = new Date(props.nowMs).toISOString();
  const words = (of: SeriesRow | undefined) =>
    of === undefined ? "no data yet" : readout(of, guard, timeZone, now);
  const lastMs = rows.at(-1) === undefined ? props.nowMs : Date.parse(rows.at(-1)?.at ?? now);
  const name = `${props.fileStem}-${guard.metric}`;
  const shared = {
    steps: props.steps,
    fromMs: props.fromMs,
    nowMs: props.nowMs,
    timeZone,
    crosshairMs,
  };

  return (
    <>
      <div className="chart-row">
        <figure className="chart">
          <figcaption className="chart-title">
            Candidate over stable, log scale; cumulative, with its band
          </figcaption>
          {sizes.map((size) => (
            <div
              className={`chart-canvas ${sizeClass(size)}`}
              key={size}
              id={`chart-${guard.metric}-${size}`}
            >
              <RatioChart
                {...shared}
                guard={guard}
                flags={props.flags}
                moving={props.moving}
                size={size}
              />
              <ChartSlider
                label={`${guard.name} over time`}
                frame={ratioFrames[size]}
                count={rows.length}
                index={index}
                valueText={words(row ?? rows.at(-1))}
                lastShare={(lastMs - props.fromMs) / Math.max(1, props.nowMs - props.fromMs)}
                onIndex={setIndex}
              />
            </div>
          ))}
        </figure>
        <figure className="chart">
          <figcaption className="chart-title">
            Both arms, {guard.arms.unit}; rolling {guard.arms.rollingSeconds}&nbsp;s
          </figcaption>
          {sizes.map((size) => (
            <div className={`chart-canvas ${sizeClass(size)}`} key={size}>
              <ArmsChart {...shared} name={guard.name} arms={guard.arms} size={size} />
            </div>
          ))}
        </figure>
      </div>
      <p className="chart-readout no-print">{row === null ? "" : words(row)}</p>
      <div className="chart-tools">
        <Button
          variant="quiet"
          small
          aria-expanded={table}
          onClick={() => {
            setTable(!table);
          }}
        >
          {table ? "Hide table" : "View as table"}
          <span className="vh">, {guard.name}</span>
        </Button>
        <CopyButton
          label="Copy SVG"
          what={`of ${guard.name}`}
          text={() => svgText(`chart-${guard.metric}-wide`)}
        />
        <Button
          variant="quiet"
          small
          onClick={() => {
            downloadText(`${name}.csv`, "text/csv;charset=utf-8", seriesCsv(rows, guard));
          }}
        >
          CSV<span className="vh"> of {guard.name}</span>
        </Button>
      </div>
      {table ? <GuardSeriesTable rows={rows} guard={guard} timeZone={timeZone} now={now} /> : null}
    </>
  );
}

function sizeClass(size: ChartSize): string {
  return size === "wide" ? "g-only-wide" : "g-only-narrow";
}

function readout(row: SeriesRow, guard: GuardView, timeZone: string, now: string): string {
  const ratio = row.estimate === null ? "no ratio yet" : formatTimes(row.estimate);
  const arm = (value: number | null) =>
    value === null ? "none" : `${armValue(value)}\u00a0${guard.arms.unit}`;
  return `${formatInstant(row.at, timeZone, now)}: ${ratio}, band ${bandText(row)}; stable ${arm(row.stable)}, candidate ${arm(row.candidate)}`;
}

function seriesCsv(rows: readonly SeriesRow[], guard: GuardView): string {
  const digits = (value: number | null) =>
    value === null ? null : Number(formatRatio(value).replaceAll(",", ""));
  return csvText(
    [
      "time_utc",
      "ratio",
      "band_low",
      "band_high",
      "limit",
      `stable_${unitName(guard)}`,
      `candidate_${unitName(guard)}`,
    ],
    rows.map((row) => [
      row.at,
      digits(row.estimate),
      digits(row.low),
      digits(row.high),
      guard.limits.upper,
      row.stable,
      row.candidate,
    ]),
  );
}

function unitName(guard: GuardView): string {
  return guard.arms.unit === "%" ? "percent" : "ms";
}
