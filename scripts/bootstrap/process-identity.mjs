// Which process is meant, not only which number: a pid is reused, a pid with its start mark is not.
// Plain JavaScript and Node built-ins only: the bootstrap uses it before dependencies exist.
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";

let bootId;

function linuxBootId() {
  if (bootId === undefined) {
    try {
      bootId = readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim().slice(0, 8);
    } catch {
      bootId = "unknown";
    }
  }
  return bootId;
}

function linuxStat(pid) {
  let text;
  try {
    text = readFileSync(`/proc/${pid}/stat`, "utf8");
  } catch {
    return null;
  }
  // The command name is in parentheses and may itself hold spaces and parentheses.
  const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
  const state = fields[0];
  if (state === "Z" || state === "X") return null;
  return { parent: Number(fields[1]), startTicks: fields[19] };
}

/** The start mark of a living process, equal for the same process at any two calls; null when there is none. */
export function startMark(pid) {
  if (!Number.isInteger(pid) || pid <= 0) return null;
  if (process.platform === "linux") {
    const stat = linuxStat(pid);
    return stat && `${linuxBootId()}:${stat.startTicks}`;
  }
  if (process.platform === "win32") {
    try {
      process.kill(pid, 0);
      return "running";
    } catch {
      return null;
    }
  }
  try {
    const text = execFileSync("ps", ["-o", "stat=,lstart=", "-p", String(pid)], {
      encoding: "utf8",
    });
    const [state, ...started] = text.trim().split(/\s+/);
    return state && !state.startsWith("Z") ? started.join(" ") : null;
  } catch {
    return null;
  }
}

/** @returns {{pid: number, mark: string}} of this process */
export function ownIdentity() {
  return { pid: process.pid, mark: startMark(process.pid) ?? "unknown" };
}

/** True when that very process still runs. */
export function isAlive(identity) {
  return identity !== null && startMark(identity.pid) === identity.mark;
}

/** Number of the parent of a living process; null when unknown. */
export function parentOf(pid) {
  if (process.platform === "linux") return linuxStat(pid)?.parent ?? null;
  if (process.platform === "win32") return null;
  try {
    return Number(
      execFileSync("ps", ["-o", "ppid=", "-p", String(pid)], { encoding: "utf8" }).trim(),
    );
  } catch {
    return null;
  }
}

/** Command line of a process, words joined by spaces; empty when unknown. */
export function commandLine(pid) {
  try {
    if (process.platform === "linux") {
      return readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ").trim();
    }
    if (process.platform === "win32") return "";
    return execFileSync("ps", ["-o", "command=", "-p", String(pid)], { encoding: "utf8" }).trim();
  } catch {
    return "";
  }
}
