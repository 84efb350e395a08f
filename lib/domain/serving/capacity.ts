/** How many replicas an endpoint would have had under some thresholds, what that costs, and when they would have been too few. */

/** What one stretch of time asked of the model hosts, over all replicas. */
export type Load = {
  /** Number of the stretch, counted from any beginning; stretches that are left out had no traffic. */
  readonly index: number;
  readonly requests: number;
  /** Time that requests spent in the model, added up. Microseconds. */
  readonly busyUs: number;
};

export type Scaling = {
  readonly minReplicas: number;
  readonly maxReplicas: number;
  /** Busy share of a replica that is aimed at, 0 to 1. */
  readonly targetUtilisation: number;
  /** Fewer replicas only when fewer were enough for this long. */
  readonly scaleDownAfterSeconds: number;
};

export type Simulation = {
  readonly hours: number;
  readonly requests: number;
  readonly replicaHours: number;
  readonly peakReplicas: number;
  /** Share of requests that came while all replicas together were too few: they waited, or were turned away. Null without requests. */
  readonly saturatedShare: number | null;
  /** Share of the time in which one replica fewer would have been too few. */
  readonly fragileShare: number;
};

/** Replicas that this much work keeps exactly busy. Work of one replica at full use is 1. */
export const demandOf = ({ busyUs }: Pick<Load, "busyUs">, stretchSeconds: number): number => busyUs / 1e6 / stretchSeconds;

const clamp = (value: number, least: number, most: number): number => Math.min(most, Math.max(least, value));

/**
 * Runs the thresholds over a load as a horizontal autoscaler would: each stretch has the replicas that the stretches before it called for,
 * `ceil(demand / target)`, the most of those within the time for scaling down. It begins with the fewest. Null without any load.
 */
export function simulateScaling(loads: readonly Load[], stretchSeconds: number, scaling: Scaling): Simulation | null {
  const byIndex = new Map(loads.map((load) => [load.index, load]));
  const indices = loads.map(({ index }) => index);
  const first = indices.reduce((least, index) => Math.min(least, index), Number.POSITIVE_INFINITY);
  const last = indices.reduce((most, index) => Math.max(most, index), Number.NEGATIVE_INFINITY);
  if (!Number.isFinite(first)) return null;
  const { minReplicas, maxReplicas, targetUtilisation, scaleDownAfterSeconds } = scaling;
  const remembered = Math.max(1, Math.ceil(scaleDownAfterSeconds / stretchSeconds));
  let wanted: number[] = [];
  let [stretches, requests, replicaStretches, peak, saturated, fragile] = [0, 0, 0, 0, 0, 0];
  for (let index = first; index <= last; index += 1) {
    const load = byIndex.get(index) ?? { index, requests: 0, busyUs: 0 };
    const replicas = wanted.reduce((most, want) => Math.max(most, want), minReplicas);
    const demand = demandOf(load, stretchSeconds);
    stretches += 1;
    requests += load.requests;
    replicaStretches += replicas;
    peak = Math.max(peak, replicas);
    if (demand > replicas) saturated += load.requests;
    if (demand > replicas - 1) fragile += 1;
    wanted = [...wanted, clamp(Math.ceil(demand / targetUtilisation), minReplicas, maxReplicas)].slice(-remembered);
  }
  const perHour = 3600 / stretchSeconds;
  return {
    hours: stretches / perHour,
    requests,
    replicaHours: replicaStretches / perHour,
    peakReplicas: peak,
    saturatedShare: requests === 0 ? null : saturated / requests,
    fragileShare: fragile / stretches,
  };
}

/** Prices that somebody pays for an endpoint, in one currency. */
export type Prices = {
  readonly currency: string;
  readonly perReplicaHour: number;
  /** Whatever comes every month however much is served: load balancer, licence, storage. */
  readonly perMonth: number;
  /** Where a cloud bills calls. */
  readonly perThousandRequests: number;
};

/** Hours of a mean month. */
const HOURS_A_MONTH = 730;

export type Cost = {
  readonly perMonth: number;
  /** Null without requests. */
  readonly perThousandPredictions: number | null;
};

/** What a simulated stretch would cost in a month that goes on like it, and a thousand predictions of it. */
export function costOf({ hours, requests, replicaHours }: Pick<Simulation, "hours" | "requests" | "replicaHours">, prices: Prices): Cost {
  const months = HOURS_A_MONTH / hours;
  const thousands = (requests / 1000) * months;
  const perMonth = replicaHours * months * prices.perReplicaHour + prices.perMonth + thousands * prices.perThousandRequests;
  return { perMonth, perThousandPredictions: thousands === 0 ? null : perMonth / thousands };
}
