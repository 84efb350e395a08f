import { formatNumber, formatShare } from "#lib/client/format-number.ts";
import { formatDuration } from "#lib/client/format-time.ts";
import type { BatchJobRow } from "#lib/contracts/views/batch-view.ts";

/** How far a job is: a bar, and the same in words. */
export function JobProgress({ job }: { job: BatchJobRow }) {
  const share = job.rowsTotal === 0 ? 1 : job.rowsDone / job.rowsTotal;
  return (
    <div className="batch-progress">
      <progress max={job.rowsTotal} value={job.rowsDone} aria-label={`Rows done of job ${String(job.number)}`} />
      <span className="small">
        {formatNumber(job.rowsDone)} of {formatNumber(job.rowsTotal)} rows, {formatShare(share)}
        {job.rowsPerSecond === null ? "" : `, ${formatNumber(Math.round(job.rowsPerSecond))} rows/s`}
        {job.secondsLeft === null || job.secondsLeft < 1 ? "" : `, ${formatDuration(Math.ceil(job.secondsLeft))} left`}
      </span>
    </div>
  );
}
