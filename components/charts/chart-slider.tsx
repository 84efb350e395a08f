"use client";

import type { CSSProperties } from "react";
import type { Frame } from "./chart-frame.ts";

export type ChartSliderProps = {
  readonly label: string;
  readonly frame: Frame;
  /** Number of buckets, and the chosen one; null: none. */
  readonly count: number;
  readonly index: number | null;
  /** What stands at the chosen bucket: announced and shown. */
  readonly valueText: string;
  /** Share of the plot's width at which the last bucket lies, 0..1. */
  readonly lastShare: number;
  readonly onIndex: (index: number | null) => void;
};

const PAGE = 10;

/** The crosshair: a slider over the plot. Arrow keys move it by one bucket, Page keys by ten, Escape takes it away. */
export function ChartSlider({
  label,
  frame,
  count,
  index,
  valueText,
  lastShare,
  onIndex,
}: ChartSliderProps) {
  if (count === 0) return null;
  const last = count - 1;
  const to = (next: number) => {
    onIndex(Math.min(Math.max(next, 0), last));
  };
  const style: CSSProperties = {
    left: percent(frame.x0 / frame.width),
    width: percent((frame.x1 - frame.x0) / frame.width),
    top: percent(frame.y0 / frame.height),
    height: percent((frame.y1 - frame.y0) / frame.height),
  };
  const moves: Readonly<Record<string, (from: number) => number>> = {
    ArrowLeft: (from) => from - 1,
    ArrowDown: (from) => from - 1,
    ArrowRight: (from) => from + 1,
    ArrowUp: (from) => from + 1,
    PageDown: (from) => from - PAGE,
    PageUp: (from) => from + PAGE,
    Home: () => 0,
    End: () => last,
  };

  return (
    <div
      className="chart-slider no-print"
      style={style}
      role="slider"
      tabIndex={0}
      aria-label={label}
      aria-valuemin={0}
      aria-valuemax={last}
      aria-valuenow={index ?? last}
      aria-valuetext={valueText}
      onKeyDown={(event) => {
        if (event.key === "Escape") onIndex(null);
        const move = moves[event.key];
        if (!move) return;
        event.preventDefault();
        to(move(index ?? last));
      }}
      onPointerMove={(event) => {
        const box = event.currentTarget.getBoundingClientRect();
        const share = (event.clientX - box.left) / (box.width || 1);
        to(Math.round((share / (lastShare || 1)) * last));
      }}
      onPointerLeave={() => {
        onIndex(null);
      }}
    />
  );
}

function percent(share: number): string {
  return `${(share * 100).toFixed(3)}%`;
}
