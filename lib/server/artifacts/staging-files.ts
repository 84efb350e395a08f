import { createHash, randomUUID } from "node:crypto";
import { readdir } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";
import { removeIfThere, statOf } from "./files-on-disk.ts";

const ABANDONED_AFTER_MS = 24 * 60 * 60 * 1000;

/** A new name in staging that says who writes it. */
export function stagingName(): string {
  return `${stagingOwner(process.pid)}-${randomUUID()}`;
}

/** Host and process that write a staging file, so that another process knows whether it is abandoned. */
function stagingOwner(pid: number): string {
  return `${createHash("sha256").update(hostname()).digest("hex").slice(0, 12)}-${pid}`;
}

/** Removes staging files of processes of this host that are gone, and of any host after a day without a write. */
export async function removeAbandoned(staging: string): Promise<void> {
  const host = stagingOwner(0).split("-")[0];
  for (const name of await readdir(staging)) {
    const path = join(staging, name);
    const [owner, pid] = name.split("-");
    const age = Date.now() - ((await statOf(path))?.mtimeMs ?? 0);
    const isGone = owner === host && pid !== undefined && !isAlive(Number(pid));
    if (isGone || age > ABANDONED_AFTER_MS) await removeIfThere(path);
  }
}

function isAlive(pid: number): boolean {
  if (!Number.isSafeInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}
