// A lock that a killed holder does not keep: the file names a process by pid and start mark.
// Plain JavaScript and Node built-ins only.
import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";

import { isAlive, ownIdentity } from "./process-identity.mjs";

function read(file) {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return null;
  }
}

/** What the lock file says, without judging whether its holder lives; null when there is none or it is unreadable. */
export function readLock(file) {
  try {
    const holder = JSON.parse(read(file) ?? "null");
    return holder !== null && Number.isInteger(holder.pid) && typeof holder.mark === "string"
      ? holder
      : null;
  } catch {
    return null;
  }
}

/** Takes the lock for this process; null when taken, else the living holder with what it wrote about itself. */
export function tryLock(file, about = {}) {
  const own = ownIdentity();
  const text = JSON.stringify({ ...own, ...about });
  const draft = `${file}.${own.pid}`;
  writeFileSync(draft, text, { mode: 0o600 });
  try {
    for (let attempt = 0; attempt < 20; attempt += 1) {
      try {
        place(draft, file, text);
        return null;
      } catch (error) {
        if (error.code !== "EEXIST") throw error;
      }
      const seen = read(file);
      const holder = readLock(file);
      if (holder !== null && isAlive(holder)) return holder;
      if (seen !== null) removeStale(file, seen, `${draft}.stale`);
    }
    throw new Error(`${file} changes hands all the time.`);
  } finally {
    rmSync(draft, { force: true });
  }
}

/** A link appears with its whole content or not at all; some file systems have none. */
function place(draft, file, text) {
  try {
    linkSync(draft, file);
  } catch (error) {
    if (!["EPERM", "ENOSYS", "ENOTSUP", "EOPNOTSUPP", "EMLINK"].includes(error.code)) throw error;
    writeFileSync(file, text, { mode: 0o600, flag: "wx" });
  }
}

/** Moves the dead holder's file away; puts it back when it turns out to be somebody else's fresh lock. */
function removeStale(file, seen, aside) {
  try {
    renameSync(file, aside);
  } catch {
    return;
  }
  if (read(aside) !== seen) {
    try {
      linkSync(aside, file);
    } catch {
      // A third process has locked in between; the one that we moved away will see that it lost the lock.
    }
  }
  rmSync(aside, { force: true });
}

/** Waits for the lock. `onWait` is called once, with the holder, when it is not free at once. */
export async function waitForLock(file, { about = {}, onWait } = {}) {
  for (let waited = false; ;) {
    const holder = tryLock(file, about);
    if (holder === null) return;
    if (!waited) onWait?.(holder);
    waited = true;
    await delay(200);
  }
}

/** Gives the lock back if it is ours. */
export function unlock(file) {
  const own = ownIdentity();
  const holder = readLock(file);
  if (holder?.pid === own.pid && holder.mark === own.mark) rmSync(file, { force: true });
}
