import type { Plan } from "./plan.ts";
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

/** Exactly these fields: a word we do not know could be meant as a limit, so it is refused rather than ignored. */
const record =
  (fields: Readonly<Record<string, Shape>>): Shape =>
  (value) => {
    if (typeof value !== "object" || value === null || Array.isArray(value)) return false;
    const entries = new Map(Object.entries(value));
    const names = Object.keys(fields);
    return (
      entries.size === names.length &&
      names.every((name) => entries.has(name) && fields[name]?.(entries.get(name)))
    );
  };

const action = oneOf("roll_back", "hold");
const metric = oneOf(...RATE_METRICS);

const planShape = record({
  strategy: oneOf("canary", "blue_green", "shadow", "all_at_once"),
  shadow: orNull(record({ samplingBp: number, dwellSeconds: number })),
  steps: listOf(
    record({
      weightBp: number,
      dwellSeconds: number,
      minUnits: number,
      advance: oneOf("no-harm", "safe", "gate", "time"),
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
});

const isPlan = (value: unknown): value is Plan => planShape(value);

/** The value as a plan when it has exactly a plan's shape, else null. Whether its numbers make sense is `planProblems`. */
export function parsePlan(value: unknown): Plan | null {
  return isPlan(value) ? value : null;
}
