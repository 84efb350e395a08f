import { Agent, request } from "node:http";
import { createHistogram, quantileUs, record, toSparse } from "#lib/domain/statistics/histogram.ts";
import { LATE_MS } from "#lib/domain/load-test/stages.ts";

export type StageOrder = {
  /** Where the endpoint takes requests. */
  readonly url: string;
  readonly bodies: readonly string[];
  readonly ratePerSecond: number;
  readonly seconds: number;
  /** The version that has to answer. */
  readonly versionName: string;
};

export type StageCounts = {
  readonly sent: number;
  readonly answered: number;
  readonly refused: number;
  readonly failed: number;
  readonly late: number;
  /** Answers by another version than the one under test. */
  readonly byOthers: number;
  readonly reachedPerSecond: number;
  readonly latencyMsP50: number | null;
  readonly latencyMsP95: number | null;
  readonly latencyMsP99: number | null;
};

/** Requests under way beyond which no more are sent: an endpoint that stalls must not take the sender's memory along. They count as failed. */
const MOST_UNDER_WAY = 4096;
const MOST_CONNECTIONS = 512;
const REQUEST_TIMEOUT_MS = 30_000;

/** After the end of a stage its last answers may take so long and still count as in time. */
const graceSeconds = (seconds: number): number => Math.min(1, Math.max(0.25, seconds * 0.05));

type Answer = { readonly status: number; readonly version: string | undefined };

function post(agent: Agent, url: string, body: string): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const headers = { "content-type": "application/json", "content-length": Buffer.byteLength(body) };
    const call = request(url, { method: "POST", agent, headers, timeout: REQUEST_TIMEOUT_MS }, (response) => {
      const version = response.headers["slipway-version"];
      response.once("end", () => resolve({ status: response.statusCode ?? 0, version: Array.isArray(version) ? version[0] : version }));
      response.once("error", reject);
      response.resume();
    });
    call.once("error", reject);
    call.once("timeout", () => call.destroy(new Error("no answer in time")));
    call.end(body);
  });
}

/**
 * Sends so many requests a second, whatever the endpoint does, and measures each from when it was due: a stall is not hidden by the requests it kept
 * from being sent. `onSent` is told now and then how many are sent.
 */
export async function sendStage({ url, bodies, ratePerSecond, seconds, versionName }: StageOrder, onSent: (sent: number) => void): Promise<StageCounts> {
  const agent = new Agent({ keepAlive: true, maxSockets: MOST_CONNECTIONS });
  const latency = createHistogram();
  const underWay = new Set<Promise<void>>();
  const total = Math.max(1, Math.round(ratePerSecond * seconds));
  let [sent, answered, refused, failed, late, byOthers] = [0, 0, 0, 0, 0, 0];
  const startMs = performance.now();
  let lastAnswerMs = startMs;
  const once = async (dueMs: number, body: string): Promise<void> => {
    const { status, version } = await post(agent, url, body).catch((): Answer => ({ status: 0, version: undefined }));
    lastAnswerMs = performance.now();
    record(latency, (lastAnswerMs - dueMs) * 1000);
    if (status === 200) {
      answered += 1;
      if (version !== versionName) byOthers += 1;
    } else if (status === 429 || status === 503) refused += 1;
    else failed += 1;
  };
  const dueOf = (number: number): number => startMs + (number * 1000) / ratePerSecond;
  while (sent < total) {
    const nowMs = performance.now();
    for (; sent < total && dueOf(sent) <= nowMs; sent += 1) {
      const dueMs = dueOf(sent);
      if (nowMs - dueMs > LATE_MS) late += 1;
      if (underWay.size >= MOST_UNDER_WAY) {
        failed += 1;
        continue;
      }
      const call = once(dueMs, bodies[sent % bodies.length] ?? "").finally(() => underWay.delete(call));
      underWay.add(call);
    }
    onSent(sent);
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  await Promise.all(underWay);
  agent.destroy();
  const histogram = toSparse(latency);
  const quantileMs = (share: number): number | null => {
    const us = quantileUs(histogram, share);
    return us === null ? null : us / 1000;
  };
  // One slow answer at the end of a short stage is a matter of latency; only a backlog that takes longer says that the rate was too much.
  const drainedSeconds = (lastAnswerMs - startMs) / 1000 - graceSeconds(seconds);
  const elapsedSeconds = Math.max(total / ratePerSecond, drainedSeconds);
  return {
    sent, answered, refused, failed, late, byOthers,
    reachedPerSecond: answered / elapsedSeconds,
    latencyMsP50: quantileMs(0.5), latencyMsP95: quantileMs(0.95), latencyMsP99: quantileMs(0.99),
  };
}
