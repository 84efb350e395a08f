/**
 * A model host: a process that loads one version and runs it, and does nothing else. It speaks frames on file descriptor 3, has no token,
 * no network and no knowledge of releases. It ends when the front process closes the pipe; it never calls process.exit() while native threads may run.
 */
import { writeFileSync } from "node:fs";
import { Socket } from "node:net";
import { createFrameReader, frameKinds, jsonFrame } from "./frames.ts";
import { joinInputs, planBatches, splitOutputs, type Batch } from "./batch.ts";
import {
  decodeRunFrame,
  encodeResultsFrame,
  loadMessage,
  type RunRequest,
  type RunResult,
} from "./messages.ts";
import { isInputFault, loadSession, type LoadedSession } from "./session.ts";

/** Results are sent when all of a frame are done, and in between when the first has waited this long. */
const FLUSH_AFTER_MS = 1;
/** So many results leave at once, so that the front process can answer them while the next ones are run. */
const FULL_MESSAGE = 8;

const pipe = new Socket({ fd: 3, readable: true, writable: true });
let session: LoadedSession | null = null;
let isClosing = false;
let running = 0;
let results: RunResult[] = [];
let lastFlushMs = performance.now();
/** Runs share one thread, so a run's own time begins when the one before it ended. */
let lastDoneMs = 0;

/** Should memory run out, the kernel is to take a model host, never the front process. */
function offerToOutOfMemoryKiller(): void {
  try {
    writeFileSync("/proc/self/oom_score_adj", "500");
  } catch {
    // Not Linux, or not allowed: the kernel decides as it always does.
  }
}

function problemOf(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).trim().slice(0, 1000);
}

async function endWhenIdle(): Promise<void> {
  if (!isClosing || running > 0) return;
  const open = session;
  session = null;
  await open?.release();
  pipe.end();
}

function flush(): void {
  if (results.length === 0) return;
  pipe.write(encodeResultsFrame(results));
  results = [];
  lastFlushMs = performance.now();
}

const timeSinceUs = (startMs: number): number =>
  (performance.now() - Math.max(startMs, lastDoneMs)) * 1000;

async function runOne(loaded: LoadedSession, request: RunRequest): Promise<RunResult> {
  const startMs = performance.now();
  try {
    const outputs = await loaded.run(request.inputs, request.outputs);
    return { id: request.id, ok: true, runUs: timeSinceUs(startMs), outputs };
  } catch (error) {
    const problem = problemOf(error);
    return { id: request.id, ok: false, isInputFault: isInputFault(problem), problem };
  }
}

/** All rows in one run; null when that does not work out, and then each request has to be run by itself. */
async function runTogether(loaded: LoadedSession, batch: Batch): Promise<RunResult[] | null> {
  const startMs = performance.now();
  try {
    const outputs = await loaded.run(joinInputs(batch), batch.requests[0]?.outputs ?? null);
    const parts = splitOutputs(outputs, batch.rows);
    const runUs = timeSinceUs(startMs) / batch.requests.length;
    return parts === null
      ? null
      : batch.requests.flatMap(({ id }, index) => ({
          id,
          ok: true as const,
          runUs,
          outputs: parts[index] ?? [],
        }));
  } catch {
    // One poisoned request must not fail the others.
    return null;
  }
}

async function run(loaded: LoadedSession, batch: Batch): Promise<void> {
  running += batch.requests.length;
  const together = batch.requests.length > 1 ? await runTogether(loaded, batch) : null;
  if (together !== null) results.push(...together);
  else {
    for (const request of batch.requests) {
      // Awaited before `results` is read: a flush in the meantime begins a new list.
      const result = await runOne(loaded, request);
      results.push(result);
    }
  }
  lastDoneMs = performance.now();
  running -= batch.requests.length;
  if (running === 0 || results.length >= FULL_MESSAGE || lastDoneMs - lastFlushMs > FLUSH_AFTER_MS)
    flush();
  if (isClosing) await endWhenIdle();
}

async function load(payload: Buffer): Promise<void> {
  const startMs = performance.now();
  try {
    session = await loadSession(loadMessage.parse(JSON.parse(payload.toString("utf8"))));
    const { inputs, outputs } = session;
    pipe.write(
      jsonFrame(frameKinds.ready, { inputs, outputs, loadMs: performance.now() - startMs }),
    );
  } catch (error) {
    pipe.end(jsonFrame(frameKinds.failed, { problem: problemOf(error) }));
  }
}

const onFrame = (kind: number, payload: Buffer): void => {
  if (kind === frameKinds.load) void load(payload);
  else if (kind === frameKinds.run && session !== null) {
    const { requests, maxRows } = decodeRunFrame(payload);
    const batches =
      maxRows > 1
        ? planBatches(requests, maxRows)
        : requests.map((request) => ({ requests: [request], rows: [0] }));
    for (const batch of batches) void run(session, batch);
  }
  if (kind === frameKinds.close) close();
};

function close(): void {
  isClosing = true;
  void endWhenIdle();
}

offerToOutOfMemoryKiller();
process.title = "slipway-model-host";
// Ctrl-C reaches the whole process group; the front process decides when a host ends.
process.on("SIGINT", () => undefined);
process.on("SIGTERM", () => undefined);
pipe.on("data", createFrameReader(onFrame));
pipe.on("end", close);
pipe.on("error", close);
