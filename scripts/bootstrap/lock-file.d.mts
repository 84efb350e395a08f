import type { ProcessIdentity } from "./process-identity.mjs";
export type LockHolder = ProcessIdentity & Record<string, unknown>;
/** What the lock file says, without judging whether its holder lives; null when there is none or it is unreadable. */
export function readLock(file: string): LockHolder | null;
/** Takes the lock for this process; null when taken, else the living holder with what it wrote about itself. */
export function tryLock(file: string, about?: Record<string, unknown>): LockHolder | null;
/** Waits for the lock. `onWait` is called once, with the holder, when it is not free at once. */
export function waitForLock(
  file: string,
  options?: { about?: Record<string, unknown>; onWait?: (holder: LockHolder) => void },
): Promise<void>;
/** Gives the lock back if it is ours. */
export function unlock(file: string): void;
