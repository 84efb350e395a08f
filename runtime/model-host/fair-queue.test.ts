import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createFairQueue } from "./fair-queue.ts";
import type { PoolJob } from "./slot.ts";

const SEED = 20_261_129;

const jobOf = (owner: string, share = 1, isShadow = false): PoolJob => ({
  inputs: [],
  outputs: null,
  owner,
  share,
  isShadow,
  isRetriable: true,
  submittedMs: 0,
  deadlineMs: 0,
  done: () => undefined,
  wasRetried: false,
});

describe("the queue before model hosts", () => {
  it("hands out each request once, the oldest of its owner first, and counts what waits", () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom("a", "b", "c", "take", "take"), { maxLength: 300 }),
        (steps) => {
          const queue = createFairQueue();
          const waiting = new Map<string, PoolJob[]>();
          for (const step of steps) {
            if (step === "take") {
              const job = queue.take(true);
              const total = [...waiting.values()].reduce((sum, jobs) => sum + jobs.length, 0);
              expect(job === null).toBe(total === 0);
              if (job !== null) expect(waiting.get(job.owner)?.shift()).toBe(job);
            } else {
              const job = jobOf(step);
              queue.push(job);
              waiting.set(step, [...(waiting.get(step) ?? []), job]);
            }
            for (const [owner, jobs] of waiting) expect(queue.waitingOf(owner)).toBe(jobs.length);
          }
        },
      ),
      { seed: SEED, numRuns: 200 },
    );
  });

  it("gives endpoints turns by their shares, whatever the length of their queues", () => {
    const queue = createFairQueue();
    for (let n = 0; n < 2000; n += 1) queue.push(jobOf("crowded"));
    for (let n = 0; n < 40; n += 1) queue.push(jobOf("quiet"));
    for (let n = 0; n < 400; n += 1) queue.push(jobOf("double", 2));
    const taken = Array.from({ length: 80 }, () => queue.take(false)?.owner);
    const turnsOf = (owner: string) => taken.filter((one) => one === owner).length;
    expect(turnsOf("crowded")).toBeGreaterThanOrEqual(19);
    expect(turnsOf("quiet")).toBeGreaterThanOrEqual(19);
    expect(turnsOf("double")).toBeGreaterThanOrEqual(39);
  });

  it("lets an endpoint that was away save up no turns", () => {
    const queue = createFairQueue();
    for (let n = 0; n < 100; n += 1) queue.push(jobOf("busy"));
    for (let n = 0; n < 50; n += 1) queue.take(false);
    for (let n = 0; n < 50; n += 1) queue.push(jobOf("late"));
    const taken = Array.from({ length: 20 }, () => queue.take(false)?.owner);
    expect(taken.filter((owner) => owner === "busy").length).toBeGreaterThanOrEqual(9);
  });

  it("runs mirrored copies only when nothing else waits and the caller allows it", () => {
    const queue = createFairQueue();
    queue.push(jobOf("a", 1, true));
    queue.push(jobOf("a"));
    expect(queue.length).toBe(1);
    expect(queue.take(true)?.isShadow).toBe(false);
    expect(queue.take(false)).toBeNull();
    expect(queue.take(true)?.isShadow).toBe(true);
  });

  it("takes back what was handed out, and gives up what has gone", () => {
    const queue = createFairQueue();
    const jobs = Array.from({ length: 4 }, () => jobOf("a"));
    for (const job of jobs) queue.push(job);
    const first = [queue.take(false), queue.take(false)].flatMap((job) => job ?? []);
    queue.putBack(first);
    expect(queue.removeWhere((job) => job === jobs[2])).toEqual([jobs[2]]);
    expect([queue.take(false), queue.take(false), queue.take(false), queue.take(false)]).toEqual([
      jobs[0],
      jobs[1],
      jobs[3],
      null,
    ]);
  });
});
