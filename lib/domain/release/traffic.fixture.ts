import { createHistogram, record, toSparse } from "#lib/domain/statistics/histogram.ts";
import type { LatencyThresholds } from "./reference.ts";
import { RATE_METRICS, type RateMetric, type WindowCounts } from "./window.ts";

/** Small, fast, seedable generator (mulberry32); good enough to draw traffic with. */
export function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** How one version behaves. */
export type Behaviour = {
  readonly errorRate: number;
  readonly wrongRate: number;
  readonly latencyUs: number;
  readonly latencySigma: number;
  /** Share of the class "yes". */
  readonly yesShare: number;
};

export const HONEST: Behaviour = {
  errorRate: 0,
  wrongRate: 0.03,
  latencyUs: 2_000,
  latencySigma: 0.5,
  yesShare: 0.37,
};

export type TrafficSettings = {
  readonly seed: number;
  readonly requestsPerSecond: number;
  /** Number of sticky keys; 0 = every request is its own key. */
  readonly keys: number;
  /** Pareto exponent of the keys' activity: 0 = all alike, 0.7 = a few make most of the requests. */
  readonly tail: number;
  /** Share of keys that alone see bad events (all the more often); 1 = all keys alike. */
  readonly pronekeys: number;
  readonly labelShare: number;
  readonly runtimes: number;
  readonly stable: Behaviour;
  readonly candidate: Behaviour;
  /** The split is broken: the candidate gets this many times its share. */
  readonly splitFault: number;
};

export const USUAL_TRAFFIC: TrafficSettings = {
  seed: 1,
  requestsPerSecond: 120,
  keys: 20_000,
  tail: 0.3,
  pronekeys: 1,
  labelShare: 0.6,
  runtimes: 1,
  stable: HONEST,
  candidate: HONEST,
  splitFault: 1,
};

export type Routing = {
  readonly epoch: number;
  readonly candidateShareBp: number;
  readonly releaseId: string | null;
  readonly thresholds: LatencyThresholds | null;
};

type Mutable = {
  requests: number;
  errors: number;
  units: number;
  firstBad: Record<RateMetric, number>;
  labels: { received: number; wrong: number };
  predictions: Record<string, number>;
  latency: ReturnType<typeof createHistogram>;
};

const emptyCounts = (): Mutable => ({
  requests: 0,
  errors: 0,
  units: 0,
  firstBad: { error: 0, latencyP95: 0, latencyP99: 0, wrongLabel: 0 },
  labels: { received: 0, wrong: 0 },
  predictions: {},
  latency: createHistogram(),
});

type LateLabel = {
  dueSecond: number;
  epoch: number;
  arm: "stable" | "candidate";
  runtime: number;
  key: number;
  isWrong: boolean;
};

/** Traffic of sticky keys with independent outcomes, counted exactly as a runtime counts it. */
export function createTraffic(settings: TrafficSettings) {
  const random = randomFrom(settings.seed);
  const { keys, runtimes } = settings;
  const bucket = new Float64Array(keys);
  const activity = new Float64Array(keys);
  const isProne = new Uint8Array(keys);
  let sum = 0;
  for (let key = 0; key < keys; key += 1) {
    bucket[key] = random() * 10_000;
    sum += (1 - random()) ** -settings.tail;
    activity[key] = sum;
    isProne[key] = random() < settings.pronekeys ? 1 : 0;
  }
  const usedUp = Array.from({ length: runtimes }, () =>
    Object.fromEntries(RATE_METRICS.map((metric) => [metric, new Uint8Array(keys)])),
  );
  const seenIn = Array.from({ length: runtimes * 2 }, () => new Int32Array(keys));
  let second = 0;
  let labels: LateLabel[] = [];

  const pick = (): number => {
    if (keys === 0) return -1;
    const at = random() * sum;
    let low = 0;
    let high = keys - 1;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((activity[middle] ?? 0) < at) low = middle + 1;
      else high = middle;
    }
    return low;
  };
  const isFirst = (runtime: number, metric: RateMetric, key: number): boolean => {
    if (key < 0) return true;
    const set = usedUp[runtime]?.[metric];
    if (set === undefined || set[key] === 1) return false;
    set[key] = 1;
    return true;
  };
  const normal = () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  const prone = (rate: number, key: number) =>
    key < 0 || settings.pronekeys === 1
      ? rate
      : isProne[key] === 1
        ? Math.min(1, rate / settings.pronekeys)
        : 0;

  function serve(cells: Map<string, Mutable>, routing: Routing): void {
    const runtime = Math.floor(random() * runtimes);
    const key = pick();
    const at = key < 0 ? random() * 10_000 : (bucket[key] ?? 0);
    const arm = at < routing.candidateShareBp * settings.splitFault ? "candidate" : "stable";
    const behaviour = settings[arm];
    const counts = cellOf(cells, runtime, arm, routing.epoch);
    const isNew = isNewUnit(runtime, arm, routing.epoch, key);
    const hasFailed = random() < prone(behaviour.errorRate, key);
    const latencyUs = behaviour.latencyUs * Math.exp(behaviour.latencySigma * normal());
    counts.requests += 1;
    if (isNew) counts.units += 1;
    record(counts.latency, latencyUs);
    if (hasFailed) {
      counts.errors += 1;
      if (isFirst(runtime, "error", key)) counts.firstBad.error += 1;
    } else if (isNew) {
      const name = random() < behaviour.yesShare ? "yes" : "no";
      counts.predictions[name] = (counts.predictions[name] ?? 0) + 1;
    }
    countSlow(counts, runtime, key, hasFailed ? Infinity : latencyUs, routing.thresholds);
    if (random() >= settings.labelShare) return;
    const isWrong = random() < prone(behaviour.wrongRate, key);
    labels.push({
      dueSecond: second + 2 + Math.floor(random() * 4),
      epoch: routing.epoch,
      arm,
      runtime,
      key,
      isWrong,
    });
  }

  function isNewUnit(runtime: number, arm: string, epoch: number, key: number): boolean {
    const seen = seenIn[runtime * 2 + (arm === "stable" ? 0 : 1)];
    if (key < 0 || seen === undefined) return true;
    if (seen[key] === epoch) return false;
    seen[key] = epoch;
    return true;
  }

  function countSlow(
    counts: Mutable,
    runtime: number,
    key: number,
    latencyUs: number,
    thresholds: LatencyThresholds | null,
  ): void {
    if (thresholds === null) return;
    if (latencyUs > thresholds.p95 && isFirst(runtime, "latencyP95", key))
      counts.firstBad.latencyP95 += 1;
    if (latencyUs > thresholds.p99 && isFirst(runtime, "latencyP99", key))
      counts.firstBad.latencyP99 += 1;
  }

  function cellOf(
    cells: Map<string, Mutable>,
    runtime: number,
    arm: string,
    epoch: number,
  ): Mutable {
    const name = `${runtime}|${arm}|${epoch}`;
    const known = cells.get(name) ?? emptyCounts();
    cells.set(name, known);
    return known;
  }

  /** The next interval's final windows. A label's row carries the epoch of its prediction. */
  function tick(seconds: number, routing: Routing): WindowCounts[] {
    const cells = new Map<string, Mutable>();
    for (let runtime = 0; runtime < runtimes; runtime += 1) {
      cellOf(cells, runtime, "stable", routing.epoch);
      if (routing.candidateShareBp > 0) cellOf(cells, runtime, "candidate", routing.epoch);
    }
    const startSecond = second;
    for (let elapsed = 0; elapsed < seconds; elapsed += 1) {
      for (let index = 0; index < settings.requestsPerSecond; index += 1) serve(cells, routing);
      const due = labels.filter((label) => label.dueSecond <= second);
      labels = labels.filter((label) => label.dueSecond > second);
      for (const { runtime, arm, epoch, key, isWrong } of due) {
        const counts = cellOf(cells, runtime, arm, epoch);
        counts.labels.received += 1;
        if (!isWrong) continue;
        counts.labels.wrong += 1;
        if (isFirst(runtime, "wrongLabel", key)) counts.firstBad.wrongLabel += 1;
      }
      second += 1;
    }
    return [...cells].map(([name, counts]) => {
      const [runtime = "", arm = "", epoch = ""] = name.split("|");
      return {
        runtimeId: `rt-${runtime}`,
        bootId: `boot-${runtime}`,
        endpointId: "ep-1",
        versionId: arm === "stable" ? "v1" : "v2",
        arm: arm === "stable" ? "stable" : "candidate",
        releaseId: routing.releaseId,
        epoch: Number(epoch),
        windowStart: new Date(startSecond * 1000).toISOString(),
        windowSeconds: seconds,
        seq: 1,
        final: true,
        requests: counts.requests,
        errors: counts.errors,
        refused: 0,
        units: counts.units,
        firstBad: counts.firstBad,
        labels: counts.labels,
        predictions: counts.predictions,
        latencyUs: toSparse(counts.latency),
        overflow: false,
      };
    });
  }
  return { tick, now: () => second };
}
