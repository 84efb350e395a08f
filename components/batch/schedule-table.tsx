"use client";

import type { BatchListView } from "#lib/contracts/views/batch-view.ts";
import { ApiProblemSummary } from "../shell/api-problem-summary.tsx";
import { Instant } from "../shell/instant.tsx";
import { Button } from "../ui/button.tsx";
import { Status } from "../ui/status.tsx";
import { useAct } from "../shell/use-act.ts";

type Row = BatchListView["schedules"][number];

function sourceText(source: Row["source"]): string {
  if (source.kind === "upload") return "an uploaded file";
  return source.kind === "file" ? source.path : `s3://${source.bucket}/${source.key}`;
}

/** Jobs that the clock starts, with what became of the last run. */
export function ScheduleTable({ rows, mayRun, now }: { rows: readonly Row[]; mayRun: boolean; now: string }) {
  const act = useAct(["batch"]);
  return (
    <div className="table-wrap">
      <ApiProblemSummary problem={act.problem} fieldFor={() => null} />
      <table className="table table-compact is-cards">
        <thead>
          <tr>
            <th scope="col">Schedule</th>
            <th scope="col">State</th>
            <th scope="col">Endpoint</th>
            <th scope="col">Rows from</th>
            <th scope="col">Next</th>
            <th scope="col">Last</th>
            <th scope="col">Act</th>
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={row.id}>
              <th scope="row" className="first-th">
                <code>{row.cron}</code>
                <small>{row.timeZone}</small>
              </th>
              <td className="v-cell">
                <Status shape={row.enabled ? "scheduled" : "holding"}>{row.enabled ? "On" : "Off"}</Status>
              </td>
              <td data-label="Endpoint">
                {row.endpointName}
                <small>{row.outputName}</small>
              </td>
              <td data-label="Rows from">{sourceText(row.source)}</td>
              <td data-label="Next" className="nowrap">
                {row.nextAt === null ? <span className="muted">not</span> : <Instant at={row.nextAt} now={now} seconds={false} />}
              </td>
              <td data-label="Last">
                {row.lastAt === null ? <span className="muted">never</span> : <Instant at={row.lastAt} now={now} seconds={false} />}
                {row.lastProblem === null ? null : <small>{row.lastProblem}</small>}
              </td>
              <td data-label="Act">
                <Button small closed={!mayRun || act.pending} onClick={() => void act.send(`/api/v1/batch/schedules/${row.id}`, { enabled: !row.enabled })}>
                  {row.enabled ? "Turn off" : "Turn on"}
                  <span className="vh"> the schedule {row.cron} of {row.endpointName}</span>
                </Button>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
