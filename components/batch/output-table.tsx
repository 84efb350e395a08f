import Link from "next/link";
import { batchJobPath } from "#lib/client/batch-words.ts";
import { formatBytes, formatNumber } from "#lib/client/format-number.ts";
import type { BatchOutputRow } from "#lib/contracts/views/batch-view.ts";
import { Instant } from "../shell/instant.tsx";
import { Digest } from "../ui/digest.tsx";
import { Status } from "../ui/status.tsx";
import { ReasonAct } from "../shell/reason-act.tsx";

/** Every output of one name, newest first, with the way back to each. */
export function OutputTable({ rows, closedBecause, now }: { rows: readonly BatchOutputRow[]; closedBecause: string | null; now: string }) {
  return (
    <div className="table-wrap">
      <table className="table table-compact is-cards">
        <caption>
          The shift compares the class shares with the output before: above 0.1 is worth a look, above 0.25 is a shift.
        </caption>
        <thead>
          <tr>
            <th scope="col">Output</th>
            <th scope="col">State</th>
            <th scope="col">Made by</th>
            <th scope="col" className="n">
              Rows
            </th>
            <th scope="col" className="n">
              Without answer
            </th>
            <th scope="col" className="n">
              Shift
            </th>
            <th scope="col">File</th>
            <th scope="col">Act</th>
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={row.id}>
              <th scope="row" className="first-th">
                {row.name} v{row.version}
                <small>
                  <Instant at={row.createdAt} now={now} seconds={false} />
                </small>
              </th>
              <td className="v-cell">{row.isCurrent ? <Status shape="live">Current</Status> : <Status shape="retired">Kept</Status>}</td>
              <td data-label="Made by">
                {row.versionName}
                <small>
                  <Link href={batchJobPath(row.jobNumber)} prefetch={false}>
                    job {row.jobNumber}
                  </Link>
                </small>
              </td>
              <td data-label="Rows" className="n">
                {formatNumber(row.rows)}
              </td>
              <td data-label="Without answer" className="n">
                {formatNumber(row.failedRows)}
              </td>
              <td data-label="Shift" className="n">
                {row.stabilityIndex === null ? <span className="muted">none</span> : formatNumber(row.stabilityIndex, 3)}
              </td>
              <td data-label="File">
                <a href={`/api/v1/batch/jobs/${String(row.jobNumber)}/output`} download>
                  Download<span className="vh"> {row.name} version {row.version}</span>
                </a>
                <small>
                  {formatBytes(row.sizeBytes)}, <Digest value={row.digest} />
                </small>
              </td>
              <td data-label="Act">
                {row.isCurrent ? null : (
                  <ReasonAct
                    small
                    label="Make current"
                    about={`${row.name} version ${String(row.version)}`}
                    title={`Make ${row.name} v${String(row.version)} the current output`} topics={["batch"]}
                    path={`/api/v1/batch/outputs/${row.id}/make-current`}
                    closedBecause={closedBecause}
                  >
                    Readers of the endpoint&rsquo;s address get version {row.version} from now on. Nothing is computed and nothing is
                    deleted.
                  </ReasonAct>
                )}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
