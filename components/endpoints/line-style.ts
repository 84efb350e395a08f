import type { MonitoringLine } from "#lib/client/monitoring-series.ts";

const colours = {
  stable: "var(--stable)",
  candidate: "var(--candidate)",
  previous: "var(--ink-3)",
  shadow: "var(--ink-3)",
} as const;

export type LineStroke = {
  readonly stroke: string;
  readonly strokeWidth: number;
  readonly strokeDasharray: string;
};

/** Stable is dashed and thin, the candidate solid and thick, as on the release page; p50 is dotted, p99 thinner than p95. */
export function strokeOf({ arm, measure }: MonitoringLine): LineStroke {
  const isCandidate = arm.role === "candidate";
  const width = isCandidate ? 2.25 : 1.5;
  const own = isCandidate ? "0" : arm.role === "stable" ? "6 3" : "1.5 3";
  return {
    stroke: colours[arm.role],
    strokeWidth: measure === "p99Ms" ? width * 0.6 : width,
    strokeDasharray: measure === "p50Ms" ? "2 3" : own,
  };
}
