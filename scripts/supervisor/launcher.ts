import { parentOf, startMark } from "../bootstrap/process-identity.mjs";

const CHECK_MS = 250;

/**
 * Calls `onGone` when the process that started us for a person is gone: npm killed, its shell ended by a signal that it did not pass on.
 * Without npm (a service manager, `nohup node ...`) the parent may well go, and nothing is watched.
 */
export function watchLauncher(onGone: () => void): void {
  const parent = process.ppid;
  const startedByUs = Number(process.env["SLIPWAY_LAUNCHER_PID"]) === parent;
  if (!startedByUs && process.env["npm_lifecycle_event"] === undefined) return;
  const npm = startedByUs ? grandparent(parent) : null;
  const npmMark = npm === null ? null : startMark(npm);
  const timer = setInterval(() => {
    const gone =
      process.ppid !== parent || (npm !== null && npmMark !== null && startMark(npm) !== npmMark);
    if (!gone) return;
    clearInterval(timer);
    onGone();
  }, CHECK_MS);
  timer.unref();
}

/** npm above our own first process; null when npm was not involved or the platform does not tell cheaply. */
function grandparent(parent: number): number | null {
  if (process.platform !== "linux" || process.env["npm_lifecycle_event"] === undefined) return null;
  const pid = parentOf(parent);
  return pid !== null && pid > 1 ? pid : null;
}
