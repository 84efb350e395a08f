import { inferRequest, readHeldOut, type ExampleModel, type StoryEndpoint } from "../replay.ts";
import { createBackOff, type BackOff } from "./back-off.ts";
import { createLabelReporter, type LabelCounts } from "./label-reporter.ts";
import type { NoReply, Reply, RuntimeClient } from "./runtime-client.ts";
import { arrivalGapMs, seededRandom, skewedIndex } from "./seeded-random.ts";

/** What happened at one endpoint since the last status. */
export type EndpointStatus = {
  sent: number;
  /** Answers with status 200, by arm. */
  answered: Record<string, number>;
  /** Status 4xx other than "no such endpoint", and 5xx. */
  refused: number;
  failed: number;
  absent: number;
  unreachable: number;
  timedOut: number;
  /** Not sent: too many unanswered, or silent after failures. */
  withheld: number;
  labels: LabelCounts & { waiting: number };
  latencyMsP50: number | null;
  latencyMsP99: number | null;
};

export type EndpointTraffic = {
  start(): void;
  stop(): void;
  /** Counts since the last call. */
  takeStatus(): EndpointStatus;
};

export type TrafficPlan = {
  readonly endpoint: StoryEndpoint;
  readonly model: ExampleModel;
  /** Requests per second. */
  readonly rate: number;
  readonly seed: number;
  /** Share of answers whose true label is reported. */
  readonly labelledShare: number;
  readonly labelDelayMs: readonly [number, number];
};

/** Unanswered requests an endpoint may have: bounds memory when the runtime is slow. */
const MAX_UNANSWERED = 256;
/** After a pause of the process the arrivals missed are not made up for. */
const MAX_LATE_MS = 1000;
const FLUSH_MS = 500;

type Counters = Omit<EndpointStatus, "labels" | "latencyMsP50" | "latencyMsP99">;
const noCounts = (): Counters => ({
  sent: 0,
  answered: {},
  refused: 0,
  failed: 0,
  absent: 0,
  unreachable: 0,
  timedOut: 0,
  withheld: 0,
});

/**
 * Requests for one endpoint at random moments (Poisson), whether or not earlier ones were answered, each a held-out row drawn with
 * replacement under a key of a large pool; and the true labels of some of them, later. `runtime` is shared by all endpoints: when nobody
 * listens, all fall silent together.
 */
export function createEndpointTraffic(
  plan: TrafficPlan,
  client: RuntimeClient,
  runtime: BackOff,
): EndpointTraffic {
  const { endpoint, model, rate, labelDelayMs } = plan;
  const heldOut = readHeldOut(model);
  const bodies = heldOut.rows.map((row) =>
    Buffer.from(JSON.stringify(inferRequest(model, heldOut.columns, [row]))),
  );
  const path = `/v2/models/${encodeURIComponent(endpoint.name)}/infer`;
  const digits = String(endpoint.keyCount - 1).length;
  const random = seededRandom(plan.seed);
  const presence = createBackOff(500, 4000);
  let counters = noCounts();
  const labels: LabelCounts = { accepted: 0, refused: 0, dropped: 0 };
  let latenciesMs: number[] = [];
  const reporter = createLabelReporter(endpoint.name, client, runtime, labels);
  let unanswered = 0;
  let nextMs = 0;
  let arrivalTimer: NodeJS.Timeout | undefined;
  let flushTimer: NodeJS.Timeout | undefined;

  const count = (reply: Reply | NoReply, nowMs: number): void => {
    if (reply.status === null) {
      counters[reply.cause === "timed_out" ? "timedOut" : "unreachable"] += 1;
      if (reply.cause === "unreachable") runtime.failed(nowMs);
      return;
    }
    runtime.succeeded();
    if (reply.status === 404) {
      counters.absent += 1;
      presence.failed(nowMs);
      return;
    }
    presence.succeeded();
    if (reply.status >= 500) counters.failed += 1;
    else if (reply.status >= 400) counters.refused += 1;
    else
      counters.answered[reply.arm ?? "unknown"] =
        (counters.answered[reply.arm ?? "unknown"] ?? 0) + 1;
  };

  const ask = async (): Promise<void> => {
    const row = Math.floor(random() * bodies.length);
    const key = String(skewedIndex(random, endpoint.keyCount)).padStart(digits, "0");
    const isLabelled = random() < plan.labelledShare;
    const delayMs = labelDelayMs[0] + random() * (labelDelayMs[1] - labelDelayMs[0]);
    const [body, truth] = [bodies[row], heldOut.rows[row]?.label];
    if (body === undefined || truth === undefined) return;
    counters.sent += 1;
    unanswered += 1;
    const startMs = performance.now();
    const reply = await client.post(path, body, { "slipway-key": `${endpoint.keyPrefix}-${key}` });
    const endMs = performance.now();
    unanswered -= 1;
    count(reply, endMs);
    if (reply.status !== 200) return;
    latenciesMs.push(endMs - startMs);
    if (isLabelled && reply.predictionId !== null)
      reporter.add(reply.predictionId, truth, endMs + delayMs);
  };

  const arrive = (): void => {
    const nowMs = performance.now();
    if (nowMs - nextMs > MAX_LATE_MS) nextMs = nowMs;
    for (; nextMs <= nowMs; nextMs += arrivalGapMs(random, rate)) {
      const isSilent = runtime.isPaused(nowMs) || presence.isPaused(nowMs);
      if (isSilent || unanswered >= MAX_UNANSWERED) counters.withheld += 1;
      else void ask();
    }
    arrivalTimer = setTimeout(arrive, nextMs - nowMs);
  };

  return {
    start() {
      nextMs = performance.now() + arrivalGapMs(random, rate);
      arrive();
      flushTimer = setInterval(() => void reporter.flush(performance.now()), FLUSH_MS);
    },
    stop() {
      clearTimeout(arrivalTimer);
      clearInterval(flushTimer);
    },
    takeStatus() {
      const sorted = latenciesMs.toSorted((a, b) => a - b);
      const status: EndpointStatus = {
        ...counters,
        labels: { ...labels, waiting: reporter.waiting() },
        latencyMsP50: quantile(sorted, 0.5),
        latencyMsP99: quantile(sorted, 0.99),
      };
      counters = noCounts();
      latenciesMs = [];
      Object.assign(labels, { accepted: 0, refused: 0, dropped: 0 });
      return status;
    },
  };
}

function quantile(sorted: readonly number[], share: number): number | null {
  const value = sorted[Math.floor(share * (sorted.length - 1))];
  return value === undefined ? null : Math.round(value * 100) / 100;
}
