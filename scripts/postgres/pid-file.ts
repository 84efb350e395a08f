import { readdirSync, readFileSync, readlinkSync, rmSync } from "node:fs";
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
 * Ends a server that a killed supervisor left behind. A pid file whose number now belongs to a process that is not ours is removed,
 * because PostgreSQL would refuse to start while any process has that number, but only when no server process is left in the directory:
 * the file is also what keeps a new server from running beside old ones. One whose number is free is PostgreSQL's own to judge.
 */
export async function clearLeftovers(
  cluster: string,
): Promise<"nothing" | "stopped" | "stale-file"> {
  const pid = runningServer(cluster);
  if (pid !== null) {
    await stopServer(pid);
    return "stopped";
  }
  const file = readPidFile(cluster);
  if (file === null || startMark(file.pid) === null || (await hasProcesses(cluster)))
    return "nothing";
  rmSync(join(cluster, "postmaster.pid"), { force: true });
  return "stale-file";
}

/** True while some process works in the directory, as every PostgreSQL process does. They end soon after their postmaster: waits 5 s for that. */
async function hasProcesses(cluster: string): Promise<boolean> {
  const deadline = performance.now() + 5_000;
  while (worksIn(cluster)) {
    if (performance.now() > deadline) return true;
    await delay(100);
  }
  return false;
}

function worksIn(directory: string): boolean {
  if (process.platform !== "linux") return false;
  return readdirSync("/proc").some((name) => {
    try {
      return /^\d+$/.test(name) && readlinkSync(`/proc/${name}/cwd`) === directory;
    } catch {
      return false;
    }
  });
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
