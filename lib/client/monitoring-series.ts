import type { EndpointMonitoringView, MonitoringArm } from "#lib/contracts/views/endpoint-view.ts";

/** What a monitoring chart draws of each arm. */
export const monitoringMeasures = [
  "requestsPerSecond",
  "errorShare",
  "p50Ms",
  "p95Ms",
  "p99Ms",
] as const;
export type MonitoringMeasure = (typeof monitoringMeasures)[number];

/** One line: an arm and a measure. `key` is the column of the rows. */
export type MonitoringLine = {
  readonly key: string;
  readonly arm: MonitoringArm;
  readonly measure: MonitoringMeasure;
  readonly label: string;
};

/** A moment with the value of each line, null where nothing was reported. */
export type MonitoringRow = Readonly<Record<string, number | null>> & { readonly atMs: number };

const measureWords: Readonly<Record<MonitoringMeasure, string>> = {
  requestsPerSecond: "",
  errorShare: "",
  p50Ms: " p50",
  p95Ms: " p95",
  p99Ms: " p99",
};

export function linesOf(
  arms: readonly MonitoringArm[],
  measures: readonly MonitoringMeasure[],
): readonly MonitoringLine[] {
  return arms.flatMap((arm, index) =>
    measures.map((measure) => ({
      key: `${measure}${String(index)}`,
      arm,
      measure,
      label: `${arm.key}${measureWords[measure]}`,
    })),
  );
}

/** Rows by time, with shares as percent. */
export function rowsOf(
  view: Pick<EndpointMonitoringView, "from" | "pointSeconds" | "arms">,
  lines: readonly MonitoringLine[],
): readonly MonitoringRow[] {
  const points = Math.max(0, ...view.arms.map((arm) => arm.points.length));
  const fromMs = Date.parse(view.from);
  return Array.from({ length: points }, (_, index) => {
    const values = lines.map(({ key, arm, measure }) => {
      const value = arm.points[index]?.[measure] ?? null;
      return [key, value !== null && measure === "errorShare" ? value * 100 : value] as const;
    });
    return { ...Object.fromEntries(values), atMs: fromMs + index * view.pointSeconds * 1000 };
  });
}
