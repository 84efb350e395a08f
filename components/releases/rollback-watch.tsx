"use client";

import { useEffect, useState } from "react";
import { formatMeasured, formatNumber } from "#lib/client/format-number.ts";
import { formatDuration } from "#lib/client/format-time.ts";
import type { StopwatchView } from "#lib/contracts/views/release-parts.ts";
import type { ReleaseView } from "#lib/contracts/views/release-view.ts";
import { Instant } from "../shell/instant.tsx";
import { Status } from "../ui/status.tsx";

/** From the order until the last candidate request has finished on every live router. The measured time is the record. */
export function RollbackWatch({
  release,
  orderedMs,
}: {
  release: ReleaseView;
  orderedMs: number | null;
}) {
  const watch = release.stopwatch;
  const done = watch?.drainedMs ?? null;
  const runningMs = useRunningMs(done === null, orderedMs, watch, release.asOf);
  const status = done === null ? "rolling-back" : "rolled-back";
  return (
    <div className="watch">
      <div>
        <Status shape={status} big>
          {done === null ? "Rolling back" : "Rolled back"}
        </Status>
      </div>
      <div className="watch-time" role="timer" aria-live="off">
        <WatchTime ms={done ?? runningMs} />
      </div>
      <Ticks watch={watch} />
      <p className="small" role={done === null ? "status" : "alert"}>
        {watch?.finalSentence ??
          (watch === null
            ? "Sent. Waiting for the control plane to record the order."
            : "Running until the routers confirm. You may close this; the record keeps the time.")}
      </p>
      <Unreachable watch={watch} />
    </div>
  );
}

function WatchTime({ ms }: { ms: number }) {
  // The final figure is the measured one, to the millisecond below a tenth of a second.
  const [number, unit] =
    ms < 60_000 ? [formatNumber(ms / 1000, 2), "s"] : [formatDuration(ms / 1000), ""];
  return (
    <>
      <span>{number}</span>
      {unit === "" ? null : <span className="unit">&nbsp;{unit}</span>}
    </>
  );
}

function Ticks({ watch }: { watch: StopwatchView | null }) {
  const runtimes = watch?.runtimes ?? [];
  const acknowledged = runtimes.filter((runtime) => runtime.acknowledgedMs !== null).length;
  const ticks = [
    { text: "Ordered", ms: watch === null ? null : 0 },
    {
      text:
        runtimes.length === 0
          ? "Routers acknowledged"
          : `${String(acknowledged)} of ${String(runtimes.length)} routers acknowledged`,
      ms: watch?.acknowledgedMs ?? null,
    },
    { text: "Last candidate request finished", ms: watch?.drainedMs ?? null },
  ];
  return (
    <ol className="ticks">
      {ticks.map((tick) => (
        <li key={tick.text} className={tick.ms === null ? undefined : "is-done"}>
          <span>
            {tick.text}
            {tick.ms === null ? <span className="vh">, not yet</span> : null}
          </span>
          <span>
            {tick.ms === null ? "" : tick.ms === 0 ? "0.00\u00a0s" : formatMeasured(tick.ms)}
          </span>
        </li>
      ))}
    </ol>
  );
}

function Unreachable({ watch }: { watch: StopwatchView | null }) {
  const silent = watch?.runtimes.filter((runtime) => runtime.state === "unreachable") ?? [];
  if (silent.length === 0) return null;
  return (
    <p className="small">
      {silent.map((runtime) => runtime.name).join(", ")} {silent.length === 1 ? "does" : "do"} not
      answer. Each goes to stable by itself when its lease runs out.
    </p>
  );
}

/** Milliseconds since the order, every 50 ms while it runs; from this viewer's own click where there was one. */
function useRunningMs(
  running: boolean,
  orderedMs: number | null,
  watch: StopwatchView | null,
  asOf: string,
): number {
  const behindMs = watch === null ? 0 : Math.max(0, Date.parse(asOf) - Date.parse(watch.orderedAt));
  const [ms, setMs] = useState(behindMs);
  useEffect(() => {
    if (!running) return;
    const startMs = orderedMs ?? performance.now() - behindMs;
    const timer = setInterval(() => {
      setMs(performance.now() - startMs);
    }, 50);
    return () => {
      clearInterval(timer);
    };
  }, [running, orderedMs, behindMs]);
  return ms;
}

/** On the page itself while a roll back runs, and its result afterwards. */
export function RollbackPanel({
  release,
  now,
  orderedMs,
}: {
  release: ReleaseView;
  now: string;
  orderedMs: number | null;
}) {
  const { stopwatch } = release;
  if (stopwatch === null) return null;
  const { reason } = stopwatch;
  return (
    <section className="section rollback-panel" aria-labelledby="stopwatch">
      <div className="section-head">
        <h2 id="stopwatch">Rollback</h2>
        <span className="caption">
          ordered <Instant at={stopwatch.orderedAt} now={now} /> by {stopwatch.orderedBy.name}
        </span>
      </div>
      <RollbackWatch release={release} orderedMs={orderedMs} />
      {reason.text === null ? null : <p className="small">Reason: “{reason.text}”</p>}
    </section>
  );
}
