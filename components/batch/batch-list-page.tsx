"use client";

import { useQuery } from "@tanstack/react-query";
import Link from "next/link";
import { batchListQuery } from "#lib/client/batch-queries.ts";
import { batchChangePath, batchJobPath, batchShape, changeStatus } from "#lib/client/batch-words.ts";
import { formatCount, formatNumber } from "#lib/client/format-number.ts";
import type { BatchJobRow, BatchListView } from "#lib/contracts/views/batch-view.ts";
import { BATCH_STATE_LABELS } from "#lib/domain/batch/job-state.ts";
import { Instant } from "../shell/instant.tsx";
import { ListHead, RowsProblem } from "../shell/list-head.tsx";
import { StaleBanner } from "../shell/live-tick.tsx";
import { ServingNav } from "../shell/serving-nav.tsx";
import { Strip } from "../shell/strip.tsx";
import { useServerNow } from "../shell/use-server-now.ts";
import { ButtonLink } from "../ui/button.tsx";
import { EmptyState } from "../ui/empty-state.tsx";
import { Section } from "../ui/section.tsx";
import { Status } from "../ui/status.tsx";
import { JobProgress } from "./job-progress.tsx";
import { ScheduleTable } from "./schedule-table.tsx";

/** Files of rows answered by jobs: what runs, what ran, what is due, and which versions are proposed. */
export function BatchListPage({ initial, before }: { initial: BatchListView; before: number | null }) {
  const { data, error } = useQuery({ ...batchListQuery(before), initialData: initial });
  const now = useServerNow(data.asOf);
  const running = data.jobs.filter(({ finishedAt }) => finishedAt === null).length;
  return (
    <>
      <Strip crumbs={[{ href: "/endpoints", label: "Endpoints" }, { label: "Batch jobs" }]} asOf={data.asOf} />
      <StaleBanner asOf={data.asOf} />
      <ListHead
        title="Batch jobs"
        sub={
          data.total === 0
            ? "Whole files of rows, each row answered exactly once."
            : `${formatCount(data.total, "job")}, ${running === 0 ? "none of them running" : `${formatNumber(running)} running or paused`}. Outputs are kept by version and never overwritten.`
        }
        begin={{ label: "New batch job", href: "/batch/new", may: data.mayRun }}
      />
      <ServingNav />
      <RowsProblem error={error} />
      {data.jobs.length === 0 ? (
        <EmptyState
          title="No batch job yet"
          command="slipway batch run rows.csv --endpoint ENDPOINT"
          action={
            data.mayRun.open ? (
              <ButtonLink href="/batch/new" variant="primary">
                Start one
              </ButtonLink>
            ) : undefined
          }
        >
          A job answers every row of a CSV, JSON Lines or Parquet file by the endpoint&rsquo;s live version. You will see its
          progress, its counts and every output it made.
        </EmptyState>
      ) : (
        <JobTable jobs={data.jobs} total={data.total} now={now} />
      )}
      <p className="small">
        {before === null ? null : <Link href="/batch">Newest jobs</Link>}{" "}
        {data.next === null ? null : <Link href={`/batch?before=${String(data.next)}`}>Earlier jobs</Link>}
      </p>
      <Section id="changes" title="Proposed versions" caption="compared on the same rows, approved, then used by the next job">
        {data.changes.length === 0 ? (
          <p className="small">None yet. A batch endpoint moves to another version only this way.</p>
        ) : (
          <ChangeTable changes={data.changes} now={now} />
        )}
      </Section>
      <Section id="schedules" title="Schedules" caption={data.schedules.length === 0 ? undefined : formatCount(data.schedules.length, "schedule")}>
        {data.schedules.length === 0 ? (
          <p className="small">No job is started by the clock.</p>
        ) : (
          <ScheduleTable rows={data.schedules} mayRun={data.mayRun.open} now={now} />
        )}
      </Section>
    </>
  );
}

function JobTable({ jobs, total, now }: { jobs: readonly BatchJobRow[]; total: number; now: string }) {
  return (
    <div className="table-wrap">
      <table className="table table-compact is-cards">
        <caption>
          {formatNumber(jobs.length)} of {formatNumber(total)}, newest first.
        </caption>
        <thead>
          <tr>
            <th scope="col">Job</th>
            <th scope="col">State</th>
            <th scope="col">Endpoint</th>
            <th scope="col">Version</th>
            <th scope="col">Rows</th>
            <th scope="col">Output</th>
            <th scope="col">Started</th>
          </tr>
        </thead>
        <tbody>
          {jobs.map((job) => (
            <tr key={job.id} data-list-item>
              <th scope="row" className="first-th">
                <Link className="list-link" href={batchJobPath(job.number)} prefetch={false} data-list-link>
                  Job {job.number}
                </Link>
                <small>{job.inputName}</small>
              </th>
              <td className="v-cell">
                <Status shape={batchShape(job.state)}>{BATCH_STATE_LABELS[job.state]}</Status>
              </td>
              <td data-label="Endpoint">
                {job.endpointName}
                <small>{job.environmentName}</small>
              </td>
              <td data-label="Version">
                {job.versionName}
                {job.compareVersionName === null ? null : <small>with {job.compareVersionName}</small>}
              </td>
              <td data-label="Rows">
                {job.finishedAt === null ? (
                  <JobProgress job={job} />
                ) : (
                  <>
                    {formatNumber(job.rowsTotal)}
                    {job.failedRows === null || job.failedRows === 0 ? null : <small>{formatNumber(job.failedRows)} without answer</small>}
                  </>
                )}
              </td>
              <td data-label="Output">
                {job.outputVersion === null ? (
                  <span className="muted">none</span>
                ) : (
                  <>
                    {job.outputName} v{job.outputVersion}
                    {job.isCurrent ? <small>current</small> : null}
                  </>
                )}
              </td>
              <td data-label="Started" className="nowrap">
                <Instant at={job.createdAt} now={now} seconds={false} />
                <small>{job.isScheduled ? `by the clock, for ${job.createdBy}` : job.createdBy}</small>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function ChangeTable({ changes, now }: { changes: BatchListView["changes"]; now: string }) {
  return (
    <div className="table-wrap">
      <table className="table table-compact is-cards">
        <thead>
          <tr>
            <th scope="col">Change</th>
            <th scope="col">State</th>
            <th scope="col">Endpoint</th>
            <th scope="col">Move</th>
            <th scope="col">Proposed</th>
          </tr>
        </thead>
        <tbody>
          {changes.map((change) => {
            const status = changeStatus(change.state);
            return (
              <tr key={change.number}>
                <th scope="row" className="first-th">
                  <Link className="list-link" href={batchChangePath(change.number)} prefetch={false}>
                    Change {change.number}
                  </Link>
                </th>
                <td className="v-cell">
                  <Status shape={status.shape}>{status.word}</Status>
                </td>
                <td data-label="Endpoint">{change.endpointName}</td>
                <td data-label="Move">
                  {change.fromVersionName} to {change.toVersionName}
                </td>
                <td data-label="Proposed" className="nowrap">
                  <Instant at={change.createdAt} now={now} seconds={false} />
                  <small>{change.authorName}</small>
                </td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </div>
  );
}
