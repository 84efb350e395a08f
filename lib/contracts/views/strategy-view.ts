import { z } from "zod";
import { TRIGGER_METRICS } from "#lib/domain/release/plan-parts.ts";
import { STRATEGIES } from "#lib/domain/release/plan.ts";
import { count, instant } from "./view-parts.ts";

/** What the release page shows of a strategy beside steps and guards. */

const share = z.number().min(0).max(1);

export const pairedView = z.object({
  word: z.enum(["SAFE", "HARM", "UNDECIDED", "NO_DATA"]),
  minAgreement: share,
  agreement: share.nullable(),
  low: share,
  high: share,
  units: count,
  unitsDisagreed: count,
  unitWord: z.enum(["requests", "keys"]),
  need: count,
  compared: count,
  sampled: count,
  /** Chosen for mirroring and not mirrored: the runtime was busy. */
  dropped: count,
  candidateOnlyFailed: count,
  stableOnlyFailed: count,
  failuresWord: z.enum(["HARM", "UNDECIDED", "NO_DATA"]),
  latencyMs: z.object({ stableP50: z.number().nullable(), candidateP50: z.number().nullable(), stableP95: z.number().nullable(), candidateP95: z.number().nullable() }),
  /** Stable's class, the challenger's class, pairs; disagreements first. */
  classes: z.array(z.object({ stable: z.string(), candidate: z.string(), pairs: count })),
  /** Pairs by the largest difference of a score; `from` inclusive, `to` null for everything above. */
  scoreDeltas: z.array(z.object({ from: z.number(), to: z.number().nullable(), pairs: count })),
  summary: z.string(),
});
export type PairedView = z.output<typeof pairedView>;

export const outcomeView = z.object({
  metric: z.enum(["wrongLabel", "value"]),
  word: z.enum(["BETTER", "WORSE", "UNDECIDED", "NO_DATA"]),
  stable: z.object({ n: count, mean: z.number().nullable() }),
  candidate: z.object({ n: count, mean: z.number().nullable() }),
  effect: z.number().nullable(),
  low: z.number().nullable(),
  high: z.number().nullable(),
  summary: z.string(),
});
export type OutcomeView = z.output<typeof outcomeView>;

export const triggerView = z.object({
  metric: z.enum(TRIGGER_METRICS),
  /** "Error rate above 5 % in 3 intervals of 1 min in a row, of at least 50 requests each". */
  text: z.string(),
  action: z.enum(["roll_back", "hold"]),
  word: z.enum(["FIRED", "QUIET", "NO_DATA"]),
  latest: z.string().nullable(),
  /** On stable's own past before the release: how often it would have fired. */
  backTest: z.object({ firings: count, intervals: count, hours: z.number().nonnegative() }),
});
export type TriggerView = z.output<typeof triggerView>;

export const drillView = z.object({
  fault: z.string(),
  objectiveSeconds: z.number(),
  requestsPerSecond: z.number(),
  /** From the fault to the order, and from the order to the last answer of the candidate; null while not known. */
  detectedMs: z.number().nonnegative().nullable(),
  restoredMs: z.number().nonnegative().nullable(),
  passed: z.boolean().nullable(),
  summary: z.string(),
});
export type DrillView = z.output<typeof drillView>;

export const strategyView = z.object({
  name: z.enum(STRATEGIES),
  label: z.string(),
  /** What it does, and how one goes back: a sentence each. */
  explanation: z.string(),
  wayBack: z.string(),
  /** Traffic is being mirrored and the candidate answers nobody. */
  isMirroring: z.boolean(),
  mirroring: z.object({ samplingBp: count, comparison: z.boolean(), then: z.string() }).nullable(),
  /** While green stands at 0 %: the header by which it can be asked. */
  preview: z.object({ header: z.string(), value: z.string(), smokeTest: z.object({ passed: count, total: count }).nullable() }).nullable(),
  paired: pairedView.nullable(),
  outcome: outcomeView.nullable(),
  triggers: z.array(triggerView),
  drill: drillView.nullable(),
  scheduledAt: instant.nullable(),
  freeze: z.object({ name: z.string(), until: instant }).nullable(),
});
export type StrategyView = z.output<typeof strategyView>;
