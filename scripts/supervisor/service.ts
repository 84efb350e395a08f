import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { closeSync, openSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";

import { startMark } from "../bootstrap/process-identity.mjs";
import type { Lifecycle, StopStage } from "./lifecycle.ts";
import { lastLines } from "./log-file.ts";
import { endGroup, signalGroup } from "./process-group.ts";
import type { ProcessRecord } from "./process-group.ts";

const FIRST_PAUSE_MS = 250;
const LONGEST_PAUSE_MS = 10_000;
/** After so long without dying, the next death counts as the first. */
const SETTLED_MS = 30_000;

export type ServiceSpec = {
  name: string;
  /** Words after `node`. */
  args: readonly string[];
  cwd: string;
  env: NodeJS.ProcessEnv;
  logFile: string;
  stage: StopStage;
  /** How long it may take to end by itself. */
  graceMs: number;
};

export type Service = {
  name: string;
  pid: () => number | null;
  /** How often it had to be started again. */
  restarts: () => number;
  /** Rejects when it gives up by itself before `ready` answers true, or the time is over. One that was killed is waited for: it starts again. */
  whenReady: (ready: () => Promise<boolean>, limitMs: number) => Promise<void>;
};

export type ServiceEvents = {
  onRecord: (name: string, record: ProcessRecord | null) => void;
  onNotice: (text: string) => void;
};

/**
 * Starts a Node program in a process group of its own and starts it again, after a growing pause, whenever it dies, until the
 * lifecycle stops. It writes straight into its log file: no pipe through us, so it outlives a killed supervisor.
 */
export function startService(
  spec: ServiceSpec,
  lifecycle: Lifecycle,
  events: ServiceEvents,
): Service {
  let child: ChildProcess | null = null;
  let restarts = 0;
  let pauseMs = FIRST_PAUSE_MS;
  let failures = 0;

  const run = (): void => {
    if (lifecycle.signal.aborted) return;
    const startedAt = performance.now();
    const current = launch(spec);
    child = current;
    if (current.pid !== undefined) {
      events.onRecord(spec.name, {
        name: spec.name,
        pid: current.pid,
        mark: startMark(current.pid) ?? "gone",
      });
    }
    let ended = false;
    const onEnd = (why: string, failed: boolean): void => {
      if (ended) return;
      ended = true;
      child = null;
      if (failed) failures += 1;
      // Its own children must not serve on without it.
      if (current.pid !== undefined) signalGroup(current.pid, "SIGKILL");
      events.onRecord(spec.name, null);
      if (lifecycle.signal.aborted) return;
      if (performance.now() - startedAt > SETTLED_MS) pauseMs = FIRST_PAUSE_MS;
      events.onNotice(
        `${spec.name} ended (${why}); starting it again in ${(pauseMs / 1000).toFixed(1)} s. Log: ${spec.logFile}`,
      );
      restarts += 1;
      setTimeout(run, pauseMs);
      pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS);
    };
    current.once("error", (error) => onEnd(error.message, true));
    current.once("exit", (code, signal) => onEnd(signal ?? `exit code ${code}`, signal === null));
  };
  run();

  lifecycle.add(spec.stage, {
    stop: async () => {
      if (child?.pid !== undefined) await endGroup(child.pid, spec.graceMs);
    },
    kill: () => {
      if (child?.pid !== undefined) signalGroup(child.pid, "SIGKILL");
    },
  });

  return {
    name: spec.name,
    pid: () => child?.pid ?? null,
    restarts: () => restarts,
    whenReady: async (ready, limitMs) => {
      const deadline = performance.now() + limitMs;
      while (!(await ready())) {
        lifecycle.signal.throwIfAborted();
        if (failures > 0) {
          throw new Error(
            `${spec.name} ended while starting. The end of ${spec.logFile}:\n${lastLines(spec.logFile)}`,
          );
        }
        if (performance.now() > deadline) {
          throw new Error(
            `${spec.name} was not ready after ${limitMs / 1000} s. The end of ${spec.logFile}:\n${lastLines(spec.logFile)}`,
          );
        }
        await delay(50, undefined, { signal: lifecycle.signal });
      }
    },
  };
}

function launch(spec: ServiceSpec): ChildProcess {
  const log = openSync(spec.logFile, "a", 0o600);
  try {
    return spawn(process.execPath, spec.args, {
      cwd: spec.cwd,
      env: spec.env,
      detached: true,
      stdio: ["ignore", log, log],
    });
  } finally {
    closeSync(log);
  }
}

/** True when the address answers with a 2xx within a second. */
export async function answersOk(url: string): Promise<boolean> {
  try {
    const answer = await fetch(url, { signal: AbortSignal.timeout(1_000) });
    await answer.body?.cancel();
    return answer.ok;
  } catch {
    return false;
  }
}
