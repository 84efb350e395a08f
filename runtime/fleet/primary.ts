import cluster, { type Worker } from "node:cluster";
import type { Logger } from "pino";
import type { RuntimeSettings } from "../env.ts";
import { answer, question, type Question, type Reply } from "./messages.ts";

/** A process that does not answer a question within this long is left out. */
const ANSWER_MS = 2000;
const FIRST_RESTART_MS = 100;
const LONGEST_RESTART_MS = 10_000;
/** A process that lived this long starts with a clean record. */
const SETTLED_MS = 60_000;

/** The front processes of one runtime behind its ports. */
export type Fleet = { stop(): Promise<void> };

type Pending = { readonly replies: Reply[]; left: number; readonly done: () => void };

/**
 * Starts `settings.processes` runtimes that share the ports: each is a whole runtime with model hosts, state and windows of its own, named
 * `<name>-1`, `<name>-2` ..., so that to the control plane they are what several machines would be. This process only hands out
 * connections, starts what has died, and carries questions between them.
 */
export function startFleet(settings: RuntimeSettings, log: Logger): Fleet {
  const pending = new Map<number, Pending>();
  let nextId = 0;
  let isStopping = false;
  const stopped = Promise.withResolvers<void>();

  const askAll = (from: Worker, asked: Question): void => {
    const others = Object.values(cluster.workers ?? {}).flatMap((worker) =>
      worker === undefined || worker === from || !worker.isConnected() ? [] : [worker],
    );
    nextId += 1;
    const id = nextId;
    const replies: Reply[] = [];
    const finish = (): void => {
      clearTimeout(timer);
      pending.delete(id);
      if (from.isConnected()) from.send({ slipway: "answers", id: asked.id, replies });
    };
    const timer = setTimeout(finish, ANSWER_MS);
    pending.set(id, { replies, left: others.length, done: finish });
    if (others.length === 0) return finish();
    for (const worker of others) worker.send({ ...asked, id });
  };
  const onMessage = (worker: Worker, message: unknown): void => {
    const asked = question.safeParse(message);
    if (asked.success) return askAll(worker, asked.data);
    const answered = answer.safeParse(message);
    const waiting = answered.success ? pending.get(answered.data.id) : undefined;
    if (!answered.success || waiting === undefined) return;
    waiting.replies.push(answered.data.reply);
    waiting.left -= 1;
    if (waiting.left === 0) waiting.done();
  };
  const start = (number: number, crashes: number): void => {
    const startMs = performance.now();
    const worker = cluster.fork({
      SLIPWAY_RUNTIME_NAME: `${settings.name}-${number}`,
      SLIPWAY_RUNTIME_PROCESSES: "1",
    });
    worker.on("message", (message: unknown) => onMessage(worker, message));
    worker.once("exit", (code, signal) => {
      if (isStopping) {
        if (Object.keys(cluster.workers ?? {}).length === 0) stopped.resolve();
        return;
      }
      const next = performance.now() - startMs > SETTLED_MS ? 0 : crashes + 1;
      log.error({ process: number, code, signal }, "A front process ended; it is started again");
      const delayMs = Math.min(LONGEST_RESTART_MS, FIRST_RESTART_MS * 2 ** Math.min(next, 10));
      setTimeout(() => {
        if (!isStopping) start(number, next);
      }, delayMs);
    });
  };
  for (let number = 1; number <= settings.processes; number += 1) start(number, 0);
  return {
    stop() {
      isStopping = true;
      const workers = Object.values(cluster.workers ?? {});
      if (workers.length === 0) stopped.resolve();
      for (const worker of workers) worker?.process.kill("SIGTERM");
      return stopped.promise;
    },
  };
}
