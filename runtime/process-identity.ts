import { readFileSync } from "node:fs";

/**
 * When a process started, in clock ticks since boot, as text; null when there is no such process or the platform does not say.
 * Together with the pid it names one process for ever, while a pid alone is used again.
 */
export function processStart(pid: number): string | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    // The command in parentheses may hold spaces and parentheses; the fields follow the last one. Start time is field 22.
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return fields[0] === "Z" ? null : (fields[19] ?? null);
  } catch {
    return null;
  }
}

/** Whether that very process lives. Where start times cannot be read, whether any process has the pid. */
export function isSameProcess(pid: number, start: string | null): boolean {
  if (process.platform === "linux") return start !== null && processStart(pid) === start;
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** Resident memory of a process in bytes; null where the platform does not say. */
export function residentBytes(pid: number): number | null {
  try {
    const pages = Number(readFileSync(`/proc/${pid}/statm`, "utf8").split(" ")[1]);
    return Number.isFinite(pages) ? pages * 4096 : null;
  } catch {
    return null;
  }
}

/** Highest resident memory of a process so far, in bytes; null where the platform does not say. */
export function peakResidentBytes(pid: number): number | null {
  try {
    const kibibytes = /^VmHWM:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1];
    return kibibytes === undefined ? null : Number(kibibytes) * 1024;
  } catch {
    return null;
  }
}

/** What /proc counts in, on every Linux that Node runs on. */
const TICKS_PER_SECOND = 100;

/** Processor time of a process so far, user and system; null where the platform does not say. */
export function cpuSeconds(pid: number): number | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    // Fields 14 and 15; the first two end with the command's last parenthesis.
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    const ticks = Number(fields[11]) + Number(fields[12]);
    return Number.isFinite(ticks) ? ticks / TICKS_PER_SECOND : null;
  } catch {
    return null;
  }
}
