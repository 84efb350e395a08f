import type { DesiredUpstream } from "#lib/contracts/upstream.ts";
import type { ModelSignature } from "#lib/domain/artifact/types.ts";
import type { Pool, Submission, Ticket } from "../model-host/pool.ts";
import type { InferOutcome } from "../model-host/slot.ts";
import { createCircuit } from "./circuit.ts";
import { createGrpcTransport } from "./grpc-transport.ts";
import { createHttpTransport } from "./http-transport.ts";
import { refused } from "./transport.ts";

/** Requests under way at a server at once; more wait here. */
const DEPTH = 64;
const MAX_SHADOW = 256;

type Waiting = { readonly submission: Submission; readonly ticket: Ticket; readonly isAgain: boolean };

/**
 * A version that another server runs, as a pool: the router, contracts, telemetry and verdicts do not see the difference. Connections are kept
 * and used again; a server that fails five times in a row is left alone for a while; nothing it sends is believed before it is checked.
 */
export function createUpstreamPool(signature: ModelSignature, upstream: DesiredUpstream, onChange: (problem: string) => void): Pool {
  const transport = upstream.kind === "oip_grpc" ? createGrpcTransport(signature, upstream) : createHttpTransport(signature, upstream);
  const circuit = createCircuit();
  const closed = Promise.withResolvers<void>();
  let queue: Waiting[] = [];
  let [inFlight, shadows, restarts, busyMs, meanMs] = [0, 0, 0, 0, 0];
  let isClosing = false;

  const settle = ({ submission, ticket }: Waiting, outcome: InferOutcome): void => {
    const { done } = ticket;
    ticket.done = null;
    if (done === null) return;
    if (!outcome.ok || submission.outputs === null) return done(outcome);
    const picked = submission.outputs.flatMap((index) => outcome.outputs[index] ?? []);
    done({ ...outcome, outputs: picked });
  };

  const run = async (waiting: Waiting): Promise<void> => {
    const { submission } = waiting;
    const startMs = performance.now();
    const pauseMs = circuit.closedForMs(startMs);
    if (pauseMs !== null) return settle(waiting, refused(503, "host_lost", "The server has failed several times; it is left alone for a moment.", Math.max(1, Math.ceil(pauseMs / 1000))));
    const leftMs = Math.min(upstream.timeoutMs, submission.deadlineMs === null ? upstream.timeoutMs : submission.deadlineMs - startMs);
    inFlight += 1;
    const { outcome, mayRepeat, isServerFault } = leftMs <= 0 ? { outcome: refused(503, "timeout", "The time was up before the server was asked."), mayRepeat: false, isServerFault: false } : await transport.ask(submission.inputs, leftMs);
    inFlight -= 1;
    const tookMs = performance.now() - startMs;
    busyMs += tookMs;
    meanMs = meanMs === 0 ? tookMs : meanMs * 0.9 + tookMs * 0.1;
    if (isServerFault) {
      circuit.failed(performance.now());
      restarts += 1;
      if (!outcome.ok) onChange(outcome.error.message);
    } else circuit.succeeded();
    if (!outcome.ok && mayRepeat && submission.isRetriable && !waiting.isAgain && !isClosing) queue.unshift({ ...waiting, isAgain: true });
    else settle(waiting, outcome);
    drain();
  };

  const drain = (): void => {
    while (inFlight < DEPTH) {
      const next = queue.shift();
      if (next === undefined) break;
      if (next.submission.priority === "shadow") shadows -= 1;
      if (next.ticket.done !== null) void run(next);
    }
    if (!isClosing || inFlight > 0 || queue.length > 0) return;
    transport.close();
    closed.resolve();
  };

  const waitingOf = (owner: string): number => queue.filter(({ submission }) => submission.owner === owner && submission.priority === "serving").length;

  const submit = (submission: Submission): Ticket => {
    const ticket: Ticket = { done: submission.done };
    const waiting = { submission, ticket, isAgain: false };
    const isShadow = submission.priority === "shadow";
    if (isClosing) settle(waiting, refused(503, "host_lost", "The version is being unloaded."));
    else if (inFlight < DEPTH) void run(waiting);
    else if (isShadow ? shadows >= MAX_SHADOW : waitingOf(submission.owner) >= submission.maxQueued) settle(waiting, refused(429, "overloaded", "Too many requests wait for this server."));
    else {
      if (isShadow) shadows += 1;
      queue.push(waiting);
    }
    return ticket;
  };

  return {
    async start() {
      const startMs = performance.now();
      await transport.ready(upstream.timeoutMs);
      // The signature is what was registered; golden answers then show whether the server keeps to it.
      const shapes = (tensors: ModelSignature["inputs"]) => tensors.map(({ name, datatype, shape }) => ({ name, datatype, shape: [...shape] }));
      return { inputs: shapes(signature.inputs), outputs: shapes(signature.outputs), loadMs: performance.now() - startMs };
    },
    submit,
    cancel(ticket) {
      ticket.done = null;
    },
    run: (inputs) =>
      new Promise((resolve) => {
        submit({ inputs, outputs: null, isRetriable: true, owner: "", share: 1, maxQueued: 4096, priority: "serving", deadlineMs: null, done: resolve });
      }),
    feed: () => undefined,
    waitingOf,
    expectedWaitMs: () => (meanMs * queue.length) / DEPTH,
    stats: () => ({ hosts: 1, readyHosts: 1, restarts, inFlight, queued: queue.length, shadowQueued: shadows, residentBytes: 0, isBatching: false, busyMs, pids: [] }),
    kill() {
      transport.abort();
    },
    close() {
      isClosing = true;
      const left = queue;
      queue = [];
      for (const waiting of left) settle(waiting, refused(503, "host_lost", "The version is being unloaded."));
      drain();
      return closed.promise;
    },
  };
}
