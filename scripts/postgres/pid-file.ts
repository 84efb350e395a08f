import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";

import { commandLine, startMark } from "../bootstrap/process-identity.mjs";

type PidFile = { pid: number; port: number; ready: boolean };

/** What `postmaster.pid` of a data directory says; null when there is none or it is unreadable. Not proof that a server runs. */
export function readPidFile(cluster: string): PidFile | null {
  let lines: string[];
  try {
    lines = readFileSync(join(cluster, "postmaster.pid"), "utf8").split("\n");
  } catch {
    return null;
  }
  const pid = Number(lines[0]);
  if (!Number.isInteger(pid) || pid <= 1) return null;
  return { pid, port: Number(lines[3]), ready: (lines[7] ?? "").trim() === "ready" };
}

/** The pid of a server that really runs on this data directory (its command line names it), else null. */
export function runningServer(cluster: string): number | null {
  const file = readPidFile(cluster);
  if (file === null) return null;
  const words = commandLine(file.pid);
  return words.includes("postgres") && words.includes(cluster) ? file.pid : null;
}

/**
 * Ends a server that a killed supervisor left behind, and removes a pid file that names a process which is not ours:
 * PostgreSQL itself would refuse to start while any process has that number. Resolves when nothing holds the directory.
 */
export async function clearLeftovers(
  cluster: string,
): Promise<"nothing" | "stopped" | "stale-file"> {
  const pid = runningServer(cluster);
  if (pid !== null) {
    await stopServer(pid);
    return "stopped";
  }
  if (readPidFile(cluster) === null) return "nothing";
  rmSync(join(cluster, "postmaster.pid"), { force: true });
  return "stale-file";
}

/** Fast shutdown; immediate after `fastMs`; SIGKILL 1 s later. Loses nothing that was committed in any of the three. */
export async function stopServer(pid: number, fastMs = 3_000): Promise<void> {
  const mark = startMark(pid);
  const gone = async (milliseconds: number): Promise<boolean> => {
    const deadline = performance.now() + milliseconds;
    while (mark !== null && startMark(pid) === mark) {
      if (performance.now() > deadline) return false;
      await delay(20);
    }
    return true;
  };
  for (const [signal, waitMs] of [
    ["SIGINT", fastMs],
    ["SIGQUIT", 1_000],
    ["SIGKILL", 2_000],
  ] as const) {
    try {
      process.kill(pid, signal);
    } catch {
      return;
    }
    if (await gone(waitMs)) return;
  }
}
