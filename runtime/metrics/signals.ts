import { monitorEventLoopDelay } from "node:perf_hooks";
import type { EndpointSignals, RuntimeSignals } from "#lib/contracts/runtime-telemetry.ts";
import { BIN_COUNT, GAMMA, upperEdgeUs } from "#lib/domain/statistics/histogram.ts";
import type { EndpointState } from "../router/endpoint-state.ts";
import type { Router } from "../router/router.ts";
import type { RequestCounters } from "./request-counters.ts";

/** Hosts are kept this busy by whoever follows `recommendedRuntimes`, where the endpoint says nothing else: above it queues grow quickly. */
const TARGET_UTILISATION = 0.6;
/** Weight of the newest sample in moving means; one sample a second. */
const NEWEST = 0.2;
const LEAST_RATE = 0.05;

/** What one endpoint did since the last sample, and its moving means. */
type Meter = {
  answered: number;
  busyMs: number;
  pool: object | null;
  readonly queueBins: Float64Array;
  requestsPerSecond: number;
  concurrency: number;
  utilisation: number;
  queueUsP95: number | null;
};

export type SignalsOptions = {
  readonly router: Pick<Router, "endpoints">;
  readonly counters: RequestCounters;
  readonly concurrencyLimitOf: (state: EndpointState) => number;
  readonly windowsLost: () => number;
};

/** Load of this runtime over the last seconds, for autoscalers: on `/metrics` and in the heartbeat. */
export type Signals = {
  /** Called once a second. */
  sample(nowMs: number): void;
  read(): RuntimeSignals;
  stop(): void;
};

/** The 95th percentile of what was added to a histogram since `before`, which is brought up to date; null when that is nothing. */
function quantileSince(before: Float64Array, bins: Float64Array): number | null {
  let total = 0;
  for (let bin = 0; bin < BIN_COUNT; bin += 1) total += (bins[bin] ?? 0) - (before[bin] ?? 0);
  let left = Math.ceil(total * 0.95);
  let answer: number | null = null;
  for (let bin = 0; bin < BIN_COUNT; bin += 1) {
    left -= (bins[bin] ?? 0) - (before[bin] ?? 0);
    if (total > 0 && answer === null && left <= 0) answer = (2 * upperEdgeUs(bin)) / (1 + GAMMA);
    before[bin] = bins[bin] ?? 0;
  }
  return answer;
}

const newMeter = (): Meter => ({
  answered: 0,
  busyMs: 0,
  pool: null,
  queueBins: new Float64Array(BIN_COUNT),
  requestsPerSecond: 0,
  concurrency: 0,
  utilisation: 0,
  queueUsP95: null,
});

/** How many runtimes of this size would run at the target; null while nothing comes. */
function recommended({ requestsPerSecond, utilisation }: Meter, target: number): number | null {
  if (requestsPerSecond < LEAST_RATE) return null;
  return Math.max(1, Math.ceil(utilisation / target));
}

export function createSignals(options: SignalsOptions): Signals {
  const meters = new Map<string, Meter>();
  const delay = monitorEventLoopDelay({ resolution: 20 });
  delay.enable();
  let lastMs: number | null = null;
  let lastCpu = process.cpuUsage();
  let cpuShare = 0;
  let delayMsP99 = 0;

  const sampleEndpoint = (state: EndpointState, seconds: number): void => {
    const meter = meters.get(state.endpointId) ?? newMeter();
    meters.set(state.endpointId, meter);
    const main = state.table?.main;
    if (main === undefined) return;
    const rows = [...options.counters.arms.values()].filter(
      ({ endpoint }) => endpoint === state.desired.name,
    );
    const answered = rows.reduce((sum, arm) => sum + arm.answered + arm.failed, 0);
    const { busyMs, hosts } = main.version.pool.stats();
    const move = (mean: number, value: number): number => mean + NEWEST * (value - mean);
    meter.requestsPerSecond = move(meter.requestsPerSecond, (answered - meter.answered) / seconds);
    meter.concurrency = move(meter.concurrency, state.inFlight);
    if (meter.pool === main.version.pool) {
      const busy = (busyMs - meter.busyMs) / (seconds * 1000 * hosts);
      meter.utilisation = move(meter.utilisation, Math.min(1, Math.max(0, busy)));
    }
    meter.queueUsP95 = quantileSince(meter.queueBins, main.counters.queueUs.bins);
    meter.answered = answered;
    meter.busyMs = busyMs;
    meter.pool = main.version.pool;
  };

  return {
    sample(nowMs) {
      const seconds = lastMs === null ? 0 : (nowMs - lastMs) / 1000;
      lastMs = nowMs;
      const cpu = process.cpuUsage(lastCpu);
      lastCpu = process.cpuUsage();
      delayMsP99 = delay.percentile(99) / 1e6;
      delay.reset();
      if (seconds <= 0) return;
      cpuShare = (cpu.user + cpu.system) / (seconds * 1e6);
      const states = options.router.endpoints();
      for (const state of states) sampleEndpoint(state, seconds);
      const known = new Set(states.map(({ endpointId }) => endpointId));
      for (const id of meters.keys()) if (!known.has(id)) meters.delete(id);
    },
    read: () => ({
      cpuShare,
      residentBytes: process.memoryUsage.rss(),
      eventLoopDelayMsP99: Number.isFinite(delayMsP99) ? delayMsP99 : 0,
      windowsLost: options.windowsLost(),
      endpoints: options.router.endpoints().map((state): EndpointSignals => {
        const meter = meters.get(state.endpointId) ?? newMeter();
        const targetUtilisation = state.desired.targetUtilisation ?? TARGET_UTILISATION;
        return {
          endpointId: state.endpointId,
          requestsPerSecond: meter.requestsPerSecond,
          concurrency: meter.concurrency,
          concurrencyLimit: options.concurrencyLimitOf(state),
          utilisation: meter.utilisation,
          queueUsP95: meter.queueUsP95,
          recommendedRuntimes: recommended(meter, targetUtilisation),
          targetUtilisation,
        };
      }),
    }),
    stop: () => delay.disable(),
  };
}
