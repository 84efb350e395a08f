import { InferenceError } from "../oip/inference-error.ts";
import type { EndpointState } from "../router/endpoint-state.ts";

export type AdmissionOptions = {
  /** Requests of one endpoint between admission and answer, where its own limits say nothing else. */
  readonly maxInFlight: number;
  /** The same over all endpoints of this process. */
  readonly maxTotalInFlight: number;
};

/** What one endpoint may take of this runtime. */
type EndpointLimits = {
  readonly maxConcurrency: number;
  readonly maxQueued: number;
  readonly share: number;
  /** Null: the model host's own limit. */
  readonly timeoutMs: number | null;
};

export type Admission = {
  /** Null: the request may come in. */
  refusal(state: EndpointState): InferenceError | null;
  limitsOf(state: EndpointState): EndpointLimits;
};

/** A request of an endpoint with less than the total limit divided by this many is let in without counting the others. */
const MOST_COMPETITORS = 100;

const overloaded = (message: string): InferenceError =>
  new InferenceError(429, "overloaded", message);

/**
 * Who is let in. Below the total limit everybody is, up to the endpoint's own; at the limit only endpoints below their fair share
 * of it are, so that a flood on one endpoint never shuts out another. Refused before anything is parsed into tensors, so memory
 * does not grow with the flood.
 */
export function createAdmission(
  { maxInFlight, maxTotalInFlight }: AdmissionOptions,
  endpoints: () => readonly EndpointState[],
): Admission {
  const limitsOf: Admission["limitsOf"] = ({ desired: { limits } }) => ({
    maxConcurrency: limits?.maxConcurrency ?? maxInFlight,
    maxQueued: limits?.maxQueued ?? maxInFlight,
    share: limits?.share ?? 1,
    timeoutMs: limits?.timeoutMs ?? null,
  });
  const fairShareOf = (state: EndpointState): number => {
    // Only those that use the runtime now compete for it.
    const active = endpoints().filter((one) => one.inFlight > 0 || one === state);
    const total = active.reduce((sum, one) => sum + limitsOf(one).share, 0);
    return (maxTotalInFlight * limitsOf(state).share) / total;
  };
  const totalInFlight = (): number => endpoints().reduce((sum, one) => sum + one.inFlight, 0);
  return {
    limitsOf,
    refusal(state) {
      const limit = state.desired.limits?.maxConcurrency ?? maxInFlight;
      if (state.inFlight >= limit)
        return overloaded(`More than ${limit} requests to this endpoint are under way.`);
      // Cheap first: most requests come while their endpoint is far below any share it could have.
      if (state.inFlight < maxTotalInFlight / MOST_COMPETITORS) return null;
      if (totalInFlight() < maxTotalInFlight || state.inFlight < fairShareOf(state)) return null;
      return overloaded(
        `More than ${maxTotalInFlight} requests to this runtime are under way, and this endpoint has its share of them.`,
      );
    },
  };
}
