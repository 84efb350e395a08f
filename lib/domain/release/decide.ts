import { decidePreparation } from "./decide-preparation.ts";
import { decideCompletion } from "./decide-completion.ts";
import { decideStep } from "./decide-step.ts";
import { stay, type Decision } from "./decision.ts";
import type { Observation } from "./observation.ts";
import type { Release } from "./release.ts";

/**
 * What the controller has to do next for a release. Pure and level-triggered: it looks at how things are, not at what
 * happened, so it may run twice, in two places, or after any crash; the same input gives the same answer. The caller
 * applies a move in one transaction guarded by the release's row version, and asks again.
 */
export function decide(release: Release, observation: Observation, nowMs: number): Decision {
  switch (release.state) {
    case "DRAFT":
    case "PENDING_APPROVAL":
    case "APPROVED":
    case "PROVISIONING":
    case "WARMING":
    case "SHADOWING":
      return decidePreparation(release, observation, nowMs);
    case "STEP_ACTIVE":
    case "HOLDING":
    case "AWAITING_GATE":
      return decideStep(release, observation, nowMs);
    case "PROMOTING":
    case "BAKING":
    case "COMPLETED":
    case "ROLLING_BACK":
      return decideCompletion(release, observation, nowMs);
    default:
      // Every other state is an end.
      return stay({ code: "ended" });
  }
}
