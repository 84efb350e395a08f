import Link from "next/link";
import { evaluationPath, evaluationStatus } from "#lib/client/evaluation-queries.ts";
import { formatNumber } from "#lib/client/format-number.ts";
import { metricNumber, metricTitle } from "#lib/client/metric-words.ts";
import type { EvaluationRow } from "#lib/contracts/views/evaluation-view.ts";
import { Instant } from "../shell/instant.tsx";
import { Status } from "../ui/status.tsx";

/** Evaluations of a version, newest first. */
export function EvaluationTable({ modelName, versionName, rows, now }: { modelName: string; versionName: string; rows: readonly EvaluationRow[]; now: string }) {
  return (
    <div className="table-wrap">
      <table className="table table-compact is-cards">
        <thead>
          <tr>
            <th scope="col">Evaluation</th>
            <th scope="col">State</th>
            <th scope="col">Rows</th>
            <th scope="col" className="n">Main figure</th>
            <th scope="col">Asked for</th>
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => {
            const status = evaluationStatus(row);
            return (
              <tr key={row.number}>
                <th scope="row">
                  <Link href={evaluationPath(modelName, versionName, row.number)} prefetch={false}>
                    Evaluation {row.number}
                  </Link>
                </th>
                <td data-label="State">
                  <Status shape={status.shape}>{status.word}</Status>
                </td>
                <td data-label="Rows">
                  {row.finishedAt === null && row.state === "running" ? `${formatNumber(row.rowsDone)} of ` : ""}
                  {formatNumber(row.rowsTotal)} of {row.dataset}
                </td>
                <td data-label="Main figure" className="n">
                  {row.main === null ? (
                    <span className="muted">none</span>
                  ) : (
                    <>
                      {metricTitle(row.main.name)} {metricNumber(row.main.value)}
                      {row.main.low === null || row.main.high === null ? null : (
                        <small>
                          {" "}
                          {metricNumber(row.main.low)} to {metricNumber(row.main.high)}
                        </small>
                      )}
                    </>
                  )}
                </td>
                <td data-label="Asked for">
                  {row.createdBy}, <Instant at={row.createdAt} now={now} seconds={false} />
                </td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </div>
  );
}
