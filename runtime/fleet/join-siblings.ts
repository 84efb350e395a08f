import { countFeedback, type FeedbackItem } from "../http/feedback.ts";
import type { LabelOutcome, Telemetry } from "../telemetry/telemetry.ts";
import { mergeMetrics } from "./merge-metrics.ts";
import { openSiblings } from "./siblings.ts";

type Metrics = (compat: "triton" | null) => Promise<string>;

/** What a front process does with and for its siblings; alone, everything stays as it is. */
export type Joined = {
  readonly metrics: Metrics;
  readonly askSiblings: (
    endpointId: string,
    items: readonly FeedbackItem[],
    outcomes: readonly LabelOutcome[],
  ) => Promise<readonly LabelOutcome[]>;
};

/**
 * Makes several front processes look like one: `/metrics` answers for all, and feedback finds the process that made the prediction,
 * whichever of them the caller reached.
 */
export function joinSiblings(telemetry: Telemetry, own: Metrics): Joined {
  const siblings = openSiblings();
  if (siblings === null)
    return {
      metrics: own,
      askSiblings: (_endpointId, _items, outcomes) => Promise.resolve(outcomes),
    };
  siblings.onAsk((ask) =>
    ask.what === "metrics"
      ? own(ask.compat)
      : Promise.resolve(countFeedback(telemetry, ask.endpointId, ask.items)),
  );
  return {
    async metrics(compat) {
      const [mine, others] = await Promise.all([
        own(compat),
        siblings.ask({ what: "metrics", compat }),
      ]);
      return mergeMetrics([mine, ...others.filter((text) => typeof text === "string")]);
    },
    async askSiblings(endpointId, items, outcomes) {
      const unknown = items.filter((_, index) => outcomes[index] === "unknown");
      if (unknown.length === 0) return outcomes;
      const replies = await siblings.ask({ what: "feedback", endpointId, items: unknown });
      const found = unknown.map((_, index): LabelOutcome => {
        for (const reply of replies) {
          const outcome = typeof reply === "string" ? undefined : reply[index];
          if (outcome !== undefined && outcome !== "unknown") return outcome;
        }
        return "unknown";
      });
      let next = 0;
      return outcomes.map((outcome) =>
        outcome === "unknown" ? (found[next++] ?? outcome) : outcome,
      );
    },
  };
}
