import { mergeAll } from "#lib/domain/statistics/histogram.ts";
import { newestRows } from "./canonical-counts.ts";
import { addPairs } from "./pairs.ts";
import { RATE_METRICS, type WindowCounts } from "./window.ts";

/**
 * Many windows as few: one row for each boot, version, arm and epoch, with the same sums, so that a release of days is
 * judged as fast as one of minutes. Only for windows that will not change any more; the row takes the earliest
 * `windowStart`. `canonicalCounts` of folded and of single rows agree in everything but the number of windows.
 */
export function foldWindows(windows: readonly WindowCounts[]): WindowCounts[] {
  const groups = Map.groupBy(newestRows(windows), ({ bootId, endpointId, versionId, arm, epoch }) =>
    [bootId, endpointId, versionId, arm, epoch].join("\n"),
  );
  return [...groups.values()].flatMap((rows) => {
    const [first] = rows;
    return first === undefined ? [] : [fold(first, rows)];
  });
}

function fold(first: WindowCounts, rows: readonly WindowCounts[]): WindowCounts {
  const add = (of: (row: WindowCounts) => number) => rows.reduce((sum, row) => sum + of(row), 0);
  const predictions = new Map<string, number>();
  for (const row of rows) {
    for (const [name, count] of Object.entries(row.predictions)) {
      predictions.set(name, (predictions.get(name) ?? 0) + count);
    }
  }
  const startsMs = rows.map((row) => Date.parse(row.windowStart));
  const firstBad = { error: 0, latencyP95: 0, latencyP99: 0, wrongLabel: 0 };
  for (const metric of RATE_METRICS) firstBad[metric] = add((row) => row.firstBad[metric]);
  return {
    ...first,
    windowStart: new Date(Math.min(...startsMs)).toISOString(),
    windowSeconds: add((row) => row.windowSeconds),
    seq: Math.max(...rows.map((row) => row.seq)),
    final: rows.every((row) => row.final),
    requests: add((row) => row.requests),
    errors: add((row) => row.errors),
    refused: add((row) => row.refused),
    units: add((row) => row.units),
    firstBad,
    labels: { received: add((row) => row.labels.received), wrong: add((row) => row.labels.wrong) },
    predictions: Object.fromEntries(predictions),
    latencyUs: mergeAll(rows.map((row) => row.latencyUs)),
    ...foldedParts(rows),
    overflow: rows.some((row) => row.overflow),
  };
}

/** Pairs and values add up. */
function foldedParts(rows: readonly WindowCounts[]): Pick<WindowCounts, "pairs" | "values"> {
  const pairs = rows.flatMap((row) => (row.pairs === undefined ? [] : [row.pairs]));
  const values = rows.flatMap((row) => (row.values === undefined ? [] : [row.values]));
  const add = (of: (part: (typeof values)[number]) => number) =>
    values.reduce((sum, part) => sum + of(part), 0);
  return {
    ...(pairs.length === 0 ? {} : { pairs: addPairs(pairs) }),
    ...(values.length === 0
      ? {}
      : {
          values: {
            received: add((part) => part.received),
            sum: add((part) => part.sum),
            sumSquares: add((part) => part.sumSquares),
          },
        }),
  };
}
