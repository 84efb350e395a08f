import type { DesiredUpstream } from "#lib/contracts/upstream.ts";
import type { ModelSignature } from "#lib/domain/artifact/types.ts";
import type { Pool, Submission, Ticket } from "../model-host/pool.ts";
import type { InferOutcome } from "../model-host/slot.ts";
import type { WireTensor } from "../model-host/tensor-bytes.ts";
import { InferenceError } from "../oip/inference-error.ts";
import { createCircuit } from "./circuit.ts";
import { protocolFor } from "./protocols.ts";

/** Requests under way at a server at once; more wait here. */
const DEPTH = 64;
const MAX_SHADOW = 256;
/** A longer answer is none. */
const MAX_ANSWER_BYTES = 64 * 1024 * 1024;
const MAX_SHOWN = 200;

type Waiting = { readonly submission: Submission; readonly ticket: Ticket; readonly isAgain: boolean };

const refused = (status: 429 | 500 | 503, reason: "overloaded" | "model_error" | "host_lost" | "timeout", message: string, retryAfterSeconds = 1): InferOutcome => ({
  ok: false,
  error: new InferenceError(status, reason, message, retryAfterSeconds),
});

async function readBounded(response: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  if (response.body !== null) {
    for await (const chunk of response.body as unknown as AsyncIterable<Uint8Array>) {
      size += chunk.length;
      if (size > MAX_ANSWER_BYTES) throw new Error("The answer is longer than 64 MiB.");
      chunks.push(chunk);
    }
  }
  return Buffer.concat(chunks).toString("utf8");
}

/** A connection that was never made: nothing was asked, so asking again is safe whatever the model does. */
const wasNotSent = (error: unknown): boolean => {
  const cause = error instanceof Error ? error.cause : undefined;
  return cause instanceof Error && "code" in cause && ["ECONNREFUSED", "ENOTFOUND", "EHOSTUNREACH", "UND_ERR_CONNECT_TIMEOUT"].includes(String(cause.code));
};

type Asked = { readonly outcome: InferOutcome; readonly mayRepeat: boolean; readonly isServerFault: boolean };

/**
 * A version that another server runs, as a pool: the router, contracts, telemetry and verdicts do not see the difference. Connections are kept
 * and used again; a server that fails five times in a row is left alone for a while; nothing it sends is believed before it is checked.
 */
export function createUpstreamPool(signature: ModelSignature, upstream: DesiredUpstream, onChange: (problem: string) => void): Pool {
  const protocol = protocolFor(signature, upstream);
  const root = upstream.url.replace(/\/+$/, "");
  const circuit = createCircuit();
  const stopping = new AbortController();
  const closed = Promise.withResolvers<void>();
  let queue: Waiting[] = [];
  let [inFlight, shadows, restarts, busyMs, meanMs] = [0, 0, 0, 0, 0];
  let isClosing = false;

  const send = async (path: string, init: RequestInit, timeoutMs: number): Promise<Response> =>
    fetch(root + path, { ...init, redirect: "error", signal: AbortSignal.any([stopping.signal, AbortSignal.timeout(Math.max(1, timeoutMs))]) });

  const ask = async (inputs: readonly WireTensor[], timeoutMs: number): Promise<Asked> => {
    const { path, body } = protocol.request(inputs);
    const startMs = performance.now();
    try {
      const headers = { "content-type": "application/json", accept: "application/json", ...upstream.headers };
      const response = await send(path, { method: "POST", headers, body }, timeoutMs);
      const text = await readBounded(response);
      const isBusy = response.status === 429 || response.status === 503;
      if (!response.ok) {
        const said = `The server answered ${response.status}: ${text.slice(0, MAX_SHOWN)}`;
        if (isBusy) return { outcome: refused(503, "host_lost", said), mayRepeat: true, isServerFault: true };
        // 4xx about the input: the caller's fault, as with models of our own.
        if (response.status === 400 || response.status === 422) return { outcome: { ok: false, error: new InferenceError(400, "bad_request", said) }, mayRepeat: false, isServerFault: false };
        return { outcome: refused(500, "model_error", said), mayRepeat: false, isServerFault: response.status >= 500 };
      }
      const outputs = protocol.answer(JSON.parse(text));
      return { outcome: { ok: true, outputs, runUs: (performance.now() - startMs) * 1000 }, mayRepeat: false, isServerFault: false };
    } catch (error) {
      if (error instanceof Error && error.name === "TimeoutError") return { outcome: refused(503, "timeout", `The server did not answer within ${timeoutMs} ms.`), mayRepeat: false, isServerFault: true };
      const problem = error instanceof Error ? error.message : String(error);
      const isNetwork = error instanceof TypeError;
      const message = isNetwork ? "The server cannot be reached." : `The answer of the server cannot be used: ${problem.slice(0, MAX_SHOWN)}`;
      return { outcome: refused(isNetwork ? 503 : 500, isNetwork ? "host_lost" : "model_error", message), mayRepeat: wasNotSent(error), isServerFault: true };
    }
  };

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
    const { outcome, mayRepeat, isServerFault } = leftMs <= 0 ? { outcome: refused(503, "timeout", "The time was up before the server was asked."), mayRepeat: false, isServerFault: false } : await ask(submission.inputs, leftMs);
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
    if (isClosing && inFlight === 0 && queue.length === 0) closed.resolve();
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
      if (protocol.readyPath !== null) {
        const response = await send(protocol.readyPath, { headers: { accept: "application/json", ...upstream.headers } }, upstream.timeoutMs);
        await response.body?.cancel();
        if (!response.ok) throw new Error(`The server does not have ${upstream.model}${upstream.version === null ? "" : ` ${upstream.version}`} ready: it answered ${response.status}.`);
      }
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
      stopping.abort();
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
