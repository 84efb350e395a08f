"use client";

import { csvText } from "#lib/client/csv.ts";
import { formatMs, formatNumber } from "#lib/client/format-number.ts";
import { formatInstant, formatZone } from "#lib/client/format-time.ts";
import { percent } from "#lib/client/monitoring-words.ts";
import type { MonitoringView, WatchPoint } from "#lib/contracts/views/monitoring-view.ts";
import { useTimeZone } from "../shell/viewer-context.tsx";
import { CopyButton } from "../ui/copy-button.tsx";

const SHOWN = 12;
const columns = ["at", "requestsPerSecond", "errorShare", "p50Ms", "p95Ms", "p99Ms", "labels", "accuracy", "accuracyLow", "accuracyHigh", "values", "value"] as const satisfies readonly (keyof WatchPoint)[];

/** The newest points as a table, which is what the page shows first; all of them as CSV. */
export function WatchPointTable({ view }: { view: MonitoringView }) {
  const timeZone = useTimeZone();
  const known = view.points.filter(({ requestsPerSecond, labels, values }) => requestsPerSecond !== null || labels > 0 || values > 0);
  const newest = known.slice(-SHOWN).reverse();
  const text = (value: number | null, write: (value: number) => string): string => (value === null ? "" : write(value));
  if (known.length === 0) return <p className="small">No runtime reported anything of {view.versionName} in this range.</p>;
  return (
    <>
      <div className="table-wrap">
        <table className="table table-compact">
          <caption>The newest {formatNumber(newest.length)} of {formatNumber(known.length)} stretches of {formatNumber(view.pointSeconds / 60)} min with traffic. Times in {formatZone(view.to, timeZone)}.</caption>
          <thead>
            <tr>
              <th scope="col">From</th>
              <th scope="col" className="n">Requests/s</th>
              <th scope="col" className="n">Errors</th>
              <th scope="col" className="n">p50</th>
              <th scope="col" className="n">p95</th>
              <th scope="col" className="n">p99</th>
              <th scope="col" className="n">Right, of labels</th>
              <th scope="col" className="n">Value</th>
            </tr>
          </thead>
          <tbody>
            {newest.map((point) => (
              <tr key={point.at}>
                <th scope="row" className="nowrap">{formatInstant(point.at, timeZone, view.asOf)}</th>
                <td className="n">{text(point.requestsPerSecond, (value) => formatNumber(value, 1))}</td>
                <td className="n">{text(point.errorShare, (value) => percent(value, 2))}</td>
                <td className="n">{text(point.p50Ms, formatMs)}</td>
                <td className="n">{text(point.p95Ms, formatMs)}</td>
                <td className="n">{text(point.p99Ms, formatMs)}</td>
                <td className="n">{point.accuracy === null ? "" : `${percent(point.accuracy)} of ${formatNumber(point.labels)}`}</td>
                <td className="n">{text(point.value, (value) => formatNumber(value, 2))}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <div className="chart-tools">
        <CopyButton label="Copy all as CSV" what={`of ${view.endpointName}`} text={() => csvText([...columns], view.points.map((point) => columns.map((column) => point[column])))} />
      </div>
    </>
  );
}
