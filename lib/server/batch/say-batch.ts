import type { BatchReport } from "#lib/contracts/batch.ts";
import type { BatchChangeView, BatchJobRow } from "#lib/contracts/views/batch-view.ts";

const rows = (count: number): string => (count === 1 ? "1 row" : `${count.toLocaleString("en")} rows`);
const percent = (share: number): string => `${(share * 100).toLocaleString("en", { maximumFractionDigits: share < 0.01 ? 2 : 1 })} %`;

function timeLeft(seconds: number): string {
  if (seconds < 90) return `about ${Math.max(1, Math.round(seconds))} s`;
  if (seconds < 5400) return `about ${Math.round(seconds / 60)} min`;
  return `about ${(seconds / 3600).toFixed(1)} h`;
}

/** What a job does or did, in one or two sentences. */
export function sayJob(job: BatchJobRow, report: BatchReport): string {
  const what =
    job.compareVersionName === null
      ? `${job.modelName} ${job.versionName} over ${rows(job.rowsTotal)} of ${job.inputName}.`
      : `${job.versionName} and ${job.compareVersionName} over the same ${rows(job.rowsTotal)} of ${job.inputName}.`;
  const without = report.failed === 0 ? "Every row so far has an answer." : `${rows(report.failed)} so far ${report.failed === 1 ? "has" : "have"} no answer.`;
  const failed = report.failed === 0 ? "Every row has an answer." : `${rows(report.failed)} ${report.failed === 1 ? "has" : "have"} no answer; the side file says why.`;
  switch (job.state) {
    case "running":
      return `${what} ${percent(job.rowsTotal === 0 ? 1 : job.rowsDone / job.rowsTotal)} done${job.secondsLeft === null ? "" : `, ${timeLeft(job.secondsLeft)} left`}. ${without}`;
    case "paused":
      return `${what} Paused after ${rows(job.rowsDone)}; nothing is lost, and it goes on from there.`;
    case "assembling":
      return `${what} Every row is done; the output is being written.`;
    case "succeeded":
      return `${what} ${failed}${job.compareVersionName !== null ? "" : job.isCurrent ? " Its output is the current one." : " Its output is kept; another one is current."}`;
    case "failed":
      return `${what} It did not end well, and its output is not current.`;
    case "cancelled":
      return `${what} Cancelled after ${rows(job.rowsDone)}; the outputs of earlier jobs are as they were.`;
  }
}

/** What differs and what the change waits for. */
export function sayChange(change: BatchChangeView["change"], difference: BatchChangeView["difference"], approvalsLeft: number): string {
  const move = `${change.fromVersionName} to ${change.toVersionName}`;
  if (difference === null) {
    if (change.state === "comparing") return `${move}: both versions answer the same rows now. The difference is shown when they are through.`;
    return `${move}: it was not compared to the end.`;
  }
  const { otherClass, tally, newlyUnanswered } = difference;
  const classes =
    otherClass === null
      ? `Both answered ${rows(tally.bothAnswered)}.`
      : `Of ${rows(tally.bothAnswered)} that both answered, ${tally.otherClass.toLocaleString("en")} (${percent(otherClass.share)}; 95 % interval ${percent(otherClass.low)} to ${percent(otherClass.high)}) get another class.`;
  const lost = newlyUnanswered.share === 0 ? "" : ` ${rows(tally.onlyCurrentAnswered)} would lose their answer.`;
  const stand: Readonly<Record<string, string>> = {
    awaiting_approval: ` It waits for ${approvalsLeft <= 1 ? "one approval" : `${approvalsLeft} approvals`}; until then jobs use ${change.fromVersionName}.`,
    applied: ` Approved: jobs use ${change.toVersionName}.`,
    rejected: " Rejected.",
    withdrawn: " Withdrawn.",
    reverted: ` Reverted: jobs use ${change.fromVersionName} again.`,
  };
  return `${classes}${lost}${stand[change.state] ?? ""}`;
}
