import { ADVANCE_RULES, STRATEGIES, type Plan } from "./plan.ts";
import { TRIGGER_METRICS } from "./plan-parts.ts";
import { RATE_METRICS } from "./window.ts";

/** A check of one value's shape. */
type Shape = (value: unknown) => boolean;

const number: Shape = (value) => typeof value === "number" && Number.isFinite(value);
const boolean: Shape = (value) => typeof value === "boolean";
const oneOf =
  (...words: readonly string[]): Shape =>
  (value) =>
    typeof value === "string" && words.includes(value);
const orNull =
  (shape: Shape): Shape =>
  (value) =>
    value === null || shape(value);
const MAX_ITEMS = 50;
const listOf =
  (shape: Shape): Shape =>
  (value) =>
    Array.isArray(value) && value.length <= MAX_ITEMS && value.every(shape);

type Fields = Readonly<Record<string, Shape>>;

/** Exactly these fields: a word we do not know could be meant as a limit, so it is refused rather than ignored. */
const record =
  (fields: Fields, optional: Fields = {}): Shape =>
  (value) => {
    if (typeof value !== "object" || value === null || Array.isArray(value)) return false;
    const entries = Object.entries(value);
    const known = { ...fields, ...optional };
    return (
      Object.keys(fields).every((name) => Object.hasOwn(value, name)) &&
      entries.every(([name, entry]) => Object.hasOwn(known, name) && known[name]?.(entry) === true)
    );
  };

const action = oneOf("roll_back", "hold");
const metric = oneOf(...RATE_METRICS);

const comparison = record({
  minUnits: number,
  minAgreement: number,
  scoreTolerance: number,
  alpha: number,
  beta: number,
  then: oneOf("steps", "gate", "deprecate"),
});
const outcome = record({
  metric: oneOf("wrongLabel", "value"),
  better: oneOf("higher", "lower"),
  minimumEffect: number,
  alpha: number,
  onWorse: action,
});
const trigger = record({
  metric: oneOf(...TRIGGER_METRICS),
  threshold: number,
  seconds: number,
  intervals: number,
  minRequests: number,
  action,
});
const fault: Shape = (value) =>
  [
    record({ kind: oneOf("latency"), addMs: number }),
    record({ kind: oneOf("errors"), share: number }),
    record({ kind: oneOf("drifted_inputs"), factor: number }),
  ].some((shape) => shape(value));
const drill = record({
  fault,
  requestsPerSecond: number,
  objectiveSeconds: number,
  validDays: number,
});

const planFields: Fields = {
  strategy: oneOf(...STRATEGIES),
  shadow: orNull(record({ samplingBp: number, dwellSeconds: number }, { comparison })),
  steps: listOf(
    record({
      weightBp: number,
      dwellSeconds: number,
      minUnits: number,
      advance: oneOf(...ADVANCE_RULES),
    }),
  ),
  guards: listOf(
    record({
      metric,
      limitRatio: number,
      absoluteCeiling: orNull(number),
      action,
      provesSafe: boolean,
      alpha: number,
      betaRelative: number,
      betaAbsolute: number,
    }),
  ),
  predictionGuard: orNull(record({ margin: number, action, alpha: number })),
  bakeGuards: listOf(
    record({ metric, limitRatio: number, floorRate: number, action, alpha: number }),
  ),
  latencyFloorUs: number,
  alpha: number,
  beta: number,
  splitAlpha: number,
  graceSeconds: number,
  maxStepSeconds: number,
  gateLimitSeconds: number,
  onTimeout: oneOf("hold", "roll_back"),
  warmLimitSeconds: number,
  windowSeconds: number,
  blindLimitSeconds: number,
  deadmanSeconds: number,
  bakeSeconds: number,
  keepWarmSeconds: number,
  exposureCapBp: number,
};
const planShape = record(planFields, { outcome, triggers: listOf(trigger), drill });

const isPlan = (value: unknown): value is Plan => planShape(value);

/** The value as a plan when it has exactly a plan's shape, else null. Whether its numbers make sense is `planProblems`. */
export function parsePlan(value: unknown): Plan | null {
  return isPlan(value) ? value : null;
}
