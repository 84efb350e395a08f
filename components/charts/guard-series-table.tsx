import { formatRatio } from "#lib/client/format-number.ts";
import { formatClock, formatZone } from "#lib/client/format-time.ts";
import type { GuardView, RatioPoint } from "#lib/contracts/views/guard-view.ts";
import { armValue } from "./arms-chart.tsx";

export type SeriesRow = RatioPoint & {
  readonly stable: number | null;
  readonly candidate: number | null;
};

/** The ratio series with the arms' values of the same moment: one row a bucket, oldest first. */
export function guardSeries(guard: GuardView): readonly SeriesRow[] {
  const arms = new Map(guard.arms.points.map((point) => [point.at, point]));
  return guard.ratioSeries.map((point) => {
    const both = arms.get(point.at);
    return { ...point, stable: both?.stable ?? null, candidate: both?.candidate ?? null };
  });
}

export type GuardSeriesTableProps = {
  readonly rows: readonly SeriesRow[];
  readonly guard: GuardView;
  readonly timeZone: string;
  readonly now: string;
};

/** The chart's numbers, newest first, in a box that scrolls. */
export function GuardSeriesTable({ rows, guard, timeZone, now }: GuardSeriesTableProps) {
  const number = (value: number | null, open: string) =>
    value === null ? open : formatRatio(value);
  return (
    <div
      className="chart-table"
      role="region"
      aria-label={`${guard.name} over time, table`}
      tabIndex={0}
    >
      <table className="table table-compact">
        <thead>
          <tr>
            <th scope="col">Time, {formatZone(now, timeZone)}</th>
            <th scope="col" className="n">
              Ratio
            </th>
            <th scope="col" className="n">
              Band from
            </th>
            <th scope="col" className="n">
              to
            </th>
            <th scope="col" className="n">
              Stable, {guard.arms.unit}
            </th>
            <th scope="col" className="n">
              Candidate, {guard.arms.unit}
            </th>
          </tr>
        </thead>
        <tbody>
          {rows.toReversed().map((row) => (
            <tr key={row.at}>
              <th scope="row">{formatClock(row.at, timeZone)}</th>
              <td className="n">{number(row.estimate, "none")}</td>
              <td className="n">{number(row.low, "open")}</td>
              <td className="n">{number(row.high, "open")}</td>
              <td className="n">{row.stable === null ? "none" : armValue(row.stable)}</td>
              <td className="n">{row.candidate === null ? "none" : armValue(row.candidate)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
