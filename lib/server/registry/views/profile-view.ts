import { jobResult } from "#lib/contracts/runtime-protocol.ts";
import type { ProfileRun } from "#lib/contracts/views/version-view.ts";
import type { VersionRecord } from "../../db/model-repository.ts";
import type { ProfileJob } from "../../db/registry-reads.ts";

const STATES = { registered: "waiting", ready: "ready", failed: "failed", quarantined: "quarantined" } as const;

/** Where the sandbox run of a version stands: its state as sealed, refined by the job while it is not over. */
export function profileRunView(version: VersionRecord, job: ProfileJob | null, liveRuntimes: number): ProfileRun {
  const parsed = jobResult.safeParse(job?.result);
  const result = parsed.success ? parsed.data : null;
  const figures = result?.profile ?? null;
  const isOver = version.state !== "registered";
  const state = isOver ? STATES[version.state] : job === null ? "none" : job.state === "leased" ? "running" : "waiting";
  const since = (isOver ? job?.finishedAt : job?.createdAt) ?? version.createdAt;
  return {
    state,
    since: since.toISOString(),
    attempts: job?.attempts ?? 0,
    liveRuntimes,
    problem: result?.problem ?? null,
    figures:
      figures === null
        ? null
        : {
            loadMs: figures.loadMs,
            latencyMsP50: figures.latencyMsP50,
            latencyMsP95: figures.latencyMsP95,
            peakMemoryBytes: figures.peakMemoryBytes,
            runs: figures.runs,
          },
  };
}
