import type { PoolJob } from "./slot.ts";

/** Work that nobody waits for: at most so much may wait, and the newest is refused. */
export const SHADOW_LIMIT = 256;

type Lane = { readonly jobs: PoolJob[]; from: number; turn: number };

/**
 * Requests that wait for a model host. Among endpoints that share the hosts turns follow their shares, whatever the length of their
 * queues: each turn moves an endpoint's clock by 1/share, and the earliest clock is next. Within an endpoint the oldest is first.
 * Shadow work comes out only when nothing else waits.
 */
export type FairQueue = {
  /** Serving requests that wait; shadow work is not among them. */
  readonly length: number;
  readonly shadowLength: number;
  waitingOf(owner: string): number;
  push(job: PoolJob): void;
  /** Puts requests back that were handed out already, before all others of their owner. */
  putBack(jobs: readonly PoolJob[]): void;
  /** The next request to run; shadow work only where `mayShadow`. */
  take(mayShadow: boolean): PoolJob | null;
  /** Takes out every request that `isGone` names. */
  removeWhere(isGone: (job: PoolJob) => boolean): PoolJob[];
};

export function createFairQueue(): FairQueue {
  const lanes = new Map<string, Lane>();
  let shadow: PoolJob[] = [];
  let length = 0;
  let clock = 0;

  const laneOf = (owner: string): Lane => {
    const known = lanes.get(owner);
    if (known !== undefined) return known;
    // Whoever was away does not come back with saved-up turns.
    const lane: Lane = { jobs: [], from: 0, turn: clock };
    lanes.set(owner, lane);
    return lane;
  };
  const next = (): [string, Lane] | null => {
    let best: [string, Lane] | null = null;
    for (const entry of lanes) if (best === null || entry[1].turn < best[1].turn) best = entry;
    return best;
  };
  const takeServing = (): PoolJob | null => {
    const found = next();
    if (found === null) return null;
    const [owner, lane] = found;
    const job = lane.jobs[lane.from];
    if (job === undefined) return null;
    lane.from += 1;
    length -= 1;
    clock = lane.turn;
    lane.turn += 1 / job.share;
    if (lane.from === lane.jobs.length) lanes.delete(owner);
    else if (lane.from > 64 && lane.from * 2 > lane.jobs.length) {
      lane.jobs.splice(0, lane.from);
      lane.from = 0;
    }
    return job;
  };
  return {
    get length() {
      return length;
    },
    get shadowLength() {
      return shadow.length;
    },
    waitingOf(owner) {
      const lane = lanes.get(owner);
      return lane === undefined ? 0 : lane.jobs.length - lane.from;
    },
    push(job) {
      if (job.isShadow) shadow.push(job);
      else {
        laneOf(job.owner).jobs.push(job);
        length += 1;
      }
    },
    putBack(jobs) {
      for (const job of [...jobs].reverse()) {
        if (job.isShadow) shadow.unshift(job);
        else {
          const lane = laneOf(job.owner);
          lane.jobs.splice(lane.from, 0, job);
          length += 1;
        }
      }
    },
    take: (mayShadow) => takeServing() ?? (mayShadow ? (shadow.shift() ?? null) : null),
    removeWhere(isGone) {
      const gone: PoolJob[] = [];
      for (const [owner, lane] of lanes) {
        const waiting = lane.jobs.slice(lane.from);
        const kept = waiting.filter((job) => !isGone(job));
        if (kept.length === waiting.length) continue;
        gone.push(...waiting.filter(isGone));
        length -= waiting.length - kept.length;
        if (kept.length === 0) lanes.delete(owner);
        else lanes.set(owner, { jobs: kept, from: 0, turn: lane.turn });
      }
      gone.push(...shadow.filter(isGone));
      shadow = shadow.filter((job) => !isGone(job));
      return gone;
    },
  };
}
