import { readdirSync, readFileSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { z } from "zod";

import { isAlive, startMark } from "../bootstrap/process-identity.mjs";
import type { ProcessIdentity } from "../bootstrap/process-identity.mjs";
import { writeWhole } from "./data-directory.ts";

/** Every process that the supervisor starts carries this variable with the data directory's path, and hands it to its own children. */
export const MARK_VARIABLE = "SLIPWAY_SUPERVISED";

/** Signals a process and everything in its group; false when there is no such group. */
export function signalGroup(leader: number, signal: NodeJS.Signals): boolean {
  try {
    process.kill(-leader, signal);
    return true;
  } catch {
    return false;
  }
}

/** SIGTERM to the group, SIGKILL when its leader is still there after `graceMs`; in the end SIGKILL to what the leader left. */
export async function endGroup(leader: number, graceMs: number): Promise<void> {
  const mark = startMark(leader);
  signalGroup(leader, "SIGTERM");
  const deadline = performance.now() + graceMs;
  while (mark !== null && startMark(leader) === mark && performance.now() < deadline)
    await delay(20);
  signalGroup(leader, "SIGKILL");
}

/** The database is not among the leftovers: starting it ends an older one by its own, gentler way. */
export const DATABASE_RECORD = "database";

const recordSchema = z.array(z.object({ pid: z.number(), mark: z.string(), name: z.string() }));
export type ProcessRecord = ProcessIdentity & { name: string };

/** The file in which the supervisor keeps whom it has started, for the next start after a kill. */
export function writeRecords(file: string, records: readonly ProcessRecord[]): void {
  writeWhole(file, JSON.stringify(records));
}

function readRecords(file: string): ProcessRecord[] {
  try {
    return recordSchema.parse(JSON.parse(readFileSync(file, "utf8")));
  } catch {
    return [];
  }
}

/**
 * Processes of an earlier start on this data directory that still live. A record counts only when pid and start mark agree;
 * on Linux also every process whose environment carries our mark for this directory, recorded or not.
 */
export function leftovers(recordFile: string, dataDirectory: string): number[] {
  const recorded = readRecords(recordFile)
    .filter((record) => record.name !== DATABASE_RECORD && isAlive(record))
    .map((record) => record.pid);
  return [...new Set([...recorded, ...markedProcesses(dataDirectory)])];
}

function markedProcesses(dataDirectory: string): number[] {
  if (process.platform !== "linux") return [];
  const wanted = `${MARK_VARIABLE}=${dataDirectory}`;
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .filter((name) => {
      try {
        return readFileSync(`/proc/${name}/environ`, "utf8").split("\0").includes(wanted);
      } catch {
        return false;
      }
    })
    .map(Number);
}

/** Ends them: SIGTERM, after 2 s SIGKILL. Resolves when none is left. */
export async function endLeftovers(pids: readonly number[]): Promise<void> {
  const living = pids.map((pid) => ({ pid, mark: startMark(pid) ?? "gone" })).filter(isAlive);
  for (const signal of ["SIGTERM", "SIGKILL"] as const) {
    for (const { pid } of living.filter(isAlive)) {
      try {
        process.kill(pid, signal);
      } catch {
        // It has ended in between.
      }
    }
    const deadline = performance.now() + 2_000;
    while (living.some(isAlive) && performance.now() < deadline) await delay(20);
  }
}
