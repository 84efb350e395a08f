import type { Bus } from "../events/bus.ts";
import type { Actor } from "../ports.ts";
import type { Store } from "../store.ts";
import { type JobView, orderTry, readJob } from "./try-version.ts";

/** A runtime loads the version in a process of its own first, so the first try takes a second or two. */
const WAIT_MS = 10_000;
const LOOK_AGAIN_MS = 500;

/** Runs one request on a version and waits for the answer; still `waiting` when no runtime was quick enough. */
export const tryVersion =
  ({ store, bus }: { readonly store: Store; readonly bus: Bus }) =>
  async (actor: Actor, input: Parameters<ReturnType<typeof orderTry>>[1]): Promise<JobView> => {
    const { jobId } = await orderTry(store)(actor, input);
    const until = performance.now() + WAIT_MS;
    for (;;) {
      const job = await readJob(store)(actor, { jobId });
      const left = until - performance.now();
      if (job.state !== "waiting" || left <= 0) return job;
      await new Promise<void>((resolve) => {
        const done = (): void => {
          clearTimeout(timer);
          unsubscribe();
          resolve();
        };
        const timer = setTimeout(done, Math.min(left, LOOK_AGAIN_MS));
        const unsubscribe = bus.subscribe([`job:${jobId}`], done);
      });
    }
  };
