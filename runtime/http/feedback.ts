import { badRequest } from "../oip/inference-error.ts";
import { isObject, parseJson } from "../oip/parse-body.ts";
import type { LabelOutcome, Telemetry } from "../telemetry/telemetry.ts";

const MAX_ITEMS = 1000;
const MAX_LABEL = 128;
/** Sums of squares of a million of these are still numbers. */
const MAX_VALUE = 1e15;

/** What became of a call's items: they add up to the number sent. */
export type FeedbackResult = {
  readonly accepted: number;
  /** Ids that this process did not issue for this endpoint, or has forgotten. */
  readonly unknown: number;
  /** The prediction had its label before. */
  readonly repeated: number;
  /** The prediction named no class to compare the label with. */
  readonly unmatched: number;
};

/** One item, as it was read. */
export type FeedbackItem = {
  readonly predictionId: string;
  readonly label: string | number | boolean | null;
  readonly value: number | null;
};

function readItem(value: unknown, index: number): FeedbackItem {
  const at = `feedback[${index}]`;
  if (!isObject(value)) throw badRequest(`${at} should be an object.`);
  const { predictionId, label, value: outcome } = value;
  if (typeof predictionId !== "string" || predictionId.length > 64)
    throw badRequest(`${at}.predictionId should be a prediction id.`);
  if (outcome !== undefined && outcome !== null && typeof outcome !== "number")
    throw badRequest(`${at}.value should be a number.`);
  const worth = typeof outcome === "number" ? outcome : null;
  if (worth !== null && !(Math.abs(worth) <= MAX_VALUE))
    throw badRequest(`${at}.value should lie between -1e15 and 1e15.`);
  if (label === undefined || label === null) {
    if (worth === null) throw badRequest(`${at} has neither label nor value.`);
    return { predictionId, label: null, value: worth };
  }
  if (typeof label !== "string" && typeof label !== "number" && typeof label !== "boolean") {
    throw badRequest(`${at}.label should be a string, a number, true or false.`);
  }
  if (typeof label === "string" && label.length > MAX_LABEL)
    throw badRequest(`${at}.label is longer than ${MAX_LABEL} characters.`);
  return { predictionId, label, value: worth };
}

/**
 * The items of `{"feedback":[{"predictionId","label"?,"value"?}]}`, at most 1000. All are read before the first is counted.
 * Throws `InferenceError` 400.
 */
export function readFeedback(body: Buffer): FeedbackItem[] {
  const document = parseJson(body, false);
  const list = isObject(document) ? document["feedback"] : undefined;
  if (!Array.isArray(list))
    throw badRequest("The body should be an object with a list named feedback.");
  if (list.length > MAX_ITEMS)
    throw badRequest(`At most ${MAX_ITEMS} items a call; here are ${list.length}.`);
  return list.map(readItem);
}

/** Counts labels and values for predictions of an endpoint that this process made; what became of each. */
export function countFeedback(
  telemetry: Telemetry,
  endpointId: string,
  items: readonly FeedbackItem[],
): LabelOutcome[] {
  return items.map(({ predictionId, label, value }) =>
    telemetry.label(endpointId, predictionId, label, value),
  );
}

/** Outcomes as the caller reads them; `count` hears of each. */
export function tallyFeedback(
  outcomes: readonly LabelOutcome[],
  count: (outcome: string) => void,
): FeedbackResult {
  const result = { accepted: 0, unknown: 0, repeated: 0, unmatched: 0 };
  for (const outcome of outcomes) {
    result[outcome] += 1;
    count(outcome);
  }
  return result;
}
