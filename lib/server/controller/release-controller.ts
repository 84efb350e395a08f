import { setTimeout as pause } from "node:timers/promises";
import { randomUUID } from "node:crypto";
import type { ReleaseState } from "#lib/domain/release/states.ts";
import { retireSilentRuntimes } from "../ingest/retire-runtimes.ts";
import { policyActor, systemActor } from "../ports.ts";
import type { Store } from "../store.ts";
import { reconcileRelease } from "../releases/reconcile-release.ts";

const LEASE = "release-controller";
const LEASE_SECONDS = 15;
const RENEW_MS = 5_000;
/** Without a renewed lease for this long this replica stops acting, well before another may begin. */
const STOP_ACTING_MS = 10_000;
/** Between rounds when nothing wakes it: the slowest that a lost notification can make a decision. */
const ROUND_MS = 1_000;
/** Between looks at a release that waits for a person or for the clock. */
const QUIET_LOOK_MS = 5_000;
const QUIET_STATES: readonly ReleaseState[] = ["PENDING_APPROVAL", "APPROVED", "BAKING", "COMPLETED"];
/** Moves of one release in one round; a release that wants more gets the next round. */
const MOVES_PER_ROUND = 4;

const RETIRE_ROUND_MS = 30_000;

export type ControllerEvents = {
  /** Called with each error of a round; the round goes on with the next release. */
  readonly onError: (error: unknown, releaseId: string | null) => void;
};

export type ReleaseController = {
  /** Looks again at once; at this release even if it was to be left in peace for a while. */
  wake(topic?: string): void;
  stop(): Promise<void>;
};

/**
 * Drives releases: level-triggered rounds over all that are under way. It runs in every replica; a lease row picks the
 * one that acts, and its fencing token is checked inside each transaction, so a paused leader can do no harm.
 */
export function startReleaseController(store: Store, { onError }: ControllerEvents): ReleaseController {
  const holder = randomUUID();
  const stopping = new AbortController();
  const reconcile = reconcileRelease(store);
  const retire = retireSilentRuntimes(store);
  const quietUntil = new Map<string, number>();
  let retireAt = 0;
  let wakeUp: () => void = () => undefined;
  let renewedAt = Number.NEGATIVE_INFINITY;
  let token: bigint | null = null;

  async function renew(): Promise<void> {
    if (token !== null && performance.now() - renewedAt < RENEW_MS) return;
    const askedAt = performance.now();
    token = await store.telemetry((telemetry) => telemetry.leases.holdLease(LEASE, holder, LEASE_SECONDS));
    if (token !== null) renewedAt = askedAt;
  }

  async function driveRelease(releaseId: string): Promise<void> {
    for (let moves = 0; moves < MOVES_PER_ROUND && !stopping.signal.aborted; moves += 1) {
      if (token === null || performance.now() - renewedAt > STOP_ACTING_MS) return;
      const { moved, state } = await reconcile(policyActor(), { releaseId, fence: { name: LEASE, holder, token } });
      if (moved) continue;
      if (QUIET_STATES.includes(state)) quietUntil.set(releaseId, performance.now() + QUIET_LOOK_MS);
      return;
    }
  }

  async function round(): Promise<void> {
    await renew();
    if (token === null) return;
    if (performance.now() >= retireAt) {
      retireAt = performance.now() + RETIRE_ROUND_MS;
      await retire(systemActor("Release controller"), {}).catch((error: unknown) => onError(error, null));
    }
    for (const releaseId of await store.read((db) => db.releases.releasesToWatch())) {
      if (stopping.signal.aborted) return;
      if ((quietUntil.get(releaseId) ?? 0) > performance.now()) continue;
      quietUntil.delete(releaseId);
      await driveRelease(releaseId).catch((error: unknown) => onError(error, releaseId));
    }
  }

  async function loop(): Promise<void> {
    while (!stopping.signal.aborted) {
      const woken = new Promise<void>((resolve) => {
        wakeUp = resolve;
      });
      await round().catch((error: unknown) => onError(error, null));
      await Promise.race([woken, pause(ROUND_MS, undefined, { signal: stopping.signal }).catch(() => undefined)]);
    }
  }

  const running = loop();
  return {
    wake(topic = "") {
      if (topic.startsWith("release:")) quietUntil.delete(topic.slice("release:".length));
      wakeUp();
    },
    async stop() {
      stopping.abort();
      wakeUp();
      await running;
      await store.telemetry((telemetry) => telemetry.leases.releaseLease(LEASE, holder)).catch(() => undefined);
    },
  };
}
