import type { RuntimeConfiguration } from "./runtime-configuration.ts";

/** Load of one endpoint on one runtime, as its heartbeat says. */
type RuntimeLoad = {
  readonly requestsPerSecond: number;
  /** Busy share of the model hosts, 0 to 1. */
  readonly utilisation: number;
};

type DemandVerdict = "enough" | "too_few" | "above_maximum" | "more_than_needed" | "no_traffic" | "no_report";

export type RuntimeDemand = {
  readonly verdict: DemandVerdict;
  /** Runtimes that would bring utilisation to its target, before the stored bounds; null without traffic. */
  readonly recommended: number | null;
  /** The same within the bounds: what an autoscaler should have. */
  readonly wanted: number;
  /** Mean over the runtimes; null when none has reported. */
  readonly utilisation: number | null;
  readonly requestsPerSecond: number;
};

/** Below this there is no load to judge by. Requests a second. */
const LEAST_RATE = 0.05;

/**
 * How many runtimes the load asks for: the sum of the busy shares over the target, rounded up, for runtimes of equal size and load that is
 * divided evenly (the rule of the Kubernetes autoscaler, desired = ceil(current * metric / target)). A saturated runtime cannot be more than fully
 * busy, so under overload the true need is higher; the figure then rises again as soon as runtimes are added.
 */
export function runtimeDemand(loads: readonly RuntimeLoad[], { targetUtilisation, minRuntimes, maxRuntimes }: RuntimeConfiguration["scaling"]): RuntimeDemand {
  const requestsPerSecond = loads.reduce((sum, load) => sum + load.requestsPerSecond, 0);
  const busy = loads.reduce((sum, load) => sum + load.utilisation, 0);
  const bounded = (count: number): number => Math.min(maxRuntimes ?? Number.POSITIVE_INFINITY, Math.max(minRuntimes, count));
  if (loads.length === 0) return { verdict: "no_report", recommended: null, wanted: minRuntimes, utilisation: null, requestsPerSecond };
  const utilisation = busy / loads.length;
  if (requestsPerSecond < LEAST_RATE) {
    const verdict = loads.length < minRuntimes ? "too_few" : "no_traffic";
    return { verdict, recommended: null, wanted: minRuntimes, utilisation, requestsPerSecond };
  }
  // A sum such as 0.6 + 0.6 must not ask for one more because of its last bit.
  const recommended = Math.max(1, Math.ceil(busy / targetUtilisation - 1e-9));
  const wanted = bounded(recommended);
  const verdict: DemandVerdict =
    recommended > wanted ? "above_maximum" : wanted > loads.length ? "too_few" : wanted < loads.length ? "more_than_needed" : "enough";
  return { verdict, recommended, wanted, utilisation, requestsPerSecond };
}
