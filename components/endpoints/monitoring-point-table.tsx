"use client";

import { csvText } from "#lib/client/csv.ts";
import { formatMs, formatNumber, formatShare } from "#lib/client/format-number.ts";
import { formatClock, formatZone } from "#lib/client/format-time.ts";
import type { EndpointMonitoringView } from "#lib/contracts/views/endpoint-view.ts";
import { useTimeZone } from "../shell/viewer-context.tsx";
import { CopyButton } from "../ui/copy-button.tsx";

/** Every point of the drawings as rows, newest first; opened on demand. */
export function MonitoringPointTable({
  view,
  endpointName,
}: {
  view: EndpointMonitoringView;
  endpointName: string;
}) {
  const timeZone = useTimeZone();
  const rows = view.arms
    .flatMap((arm) => arm.points.map((point) => ({ arm, point })))
    .filter(({ point }) => point.requestsPerSecond !== null)
    .sort((a, b) => (a.point.at < b.point.at ? 1 : -1));
  return (
    <details className="field-more">
      <summary>
        The drawings as a table, {formatNumber(rows.length)} {rows.length === 1 ? "row" : "rows"}
      </summary>
      <div className="chart-tools">
        <CopyButton
          label="Copy as CSV"
          what={`of ${endpointName}`}
          text={() =>
            csvText(
              [
                "at",
                "arm",
                "version",
                "requestsPerSecond",
                "errorShare",
                "p50Ms",
                "p95Ms",
                "p99Ms",
              ],
              rows.map(({ arm, point }) => [
                point.at,
                arm.role,
                arm.versionName,
                point.requestsPerSecond,
                point.errorShare,
                point.p50Ms,
                point.p95Ms,
                point.p99Ms,
              ]),
            )
          }
        />
      </div>
      <div className="chart-table" tabIndex={0} role="region" aria-label="Points of the drawings">
        <table className="table table-compact">
          <thead>
            <tr>
              <th scope="col">From, {formatZone(view.to, timeZone)}</th>
              <th scope="col">Arm</th>
              <th scope="col" className="n">
                Requests/s
              </th>
              <th scope="col" className="n">
                Errors
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
            </tr>
          </thead>
          <tbody>
            {rows.map(({ arm, point }) => (
              <tr key={`${point.at} ${arm.key}`}>
                <td>{formatClock(point.at, timeZone)}</td>
                <td>{arm.key}</td>
                <td className="n">{formatNumber(point.requestsPerSecond ?? 0, 1)}</td>
                <td className="n">
                  {point.errorShare === null ? "" : formatShare(point.errorShare)}
                </td>
                <td className="n">{point.p50Ms === null ? "" : formatMs(point.p50Ms)}</td>
                <td className="n">{point.p95Ms === null ? "" : formatMs(point.p95Ms)}</td>
                <td className="n">{point.p99Ms === null ? "" : formatMs(point.p99Ms)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </details>
  );
}
