import type { JudgeContext } from "./canonical-counts.ts";
import { appliedEverywhereSinceMs, type Observation } from "./observation.ts";
import type { Release } from "./release.ts";
import type { TelemetryState } from "./telemetry.ts";

/** One of the release's route tables: from when to when it was in force, by the database clock. */
export type RoutePeriod = {
  readonly epoch: number;
  readonly candidateShareBp: number;
  readonly fromMs: number;
  readonly toMs: number | null;
};

/** The facts beside the counts that a verdict needs, from what the controller knows. */
export function judgeContext(
  release: Release,
  periods: readonly RoutePeriod[],
  observation: Observation,
  telemetry: TelemetryState,
  nowMs: number,
): JudgeContext {
  const sinceMs =
    release.stepEpoch === null ? null : appliedEverywhereSinceMs(observation, release.stepEpoch);
  const isInStep = release.stepIndex !== null && release.stepEpoch !== null;
  return {
    releaseId: release.id,
    step: isInStep
      ? {
          index: release.stepIndex,
          epoch: release.stepEpoch,
          seconds: sinceMs === null ? 0 : Math.max(0, (nowMs - sinceMs) / 1000),
          sinceSeconds: Math.max(0, (nowMs - (release.stepSinceMs ?? nowMs)) / 1000),
        }
      : null,
    epochs: periods
      .filter((period) => period.candidateShareBp > 0 && period.candidateShareBp < 10_000)
      .map(({ epoch, candidateShareBp, fromMs, toMs }) => ({
        epoch,
        candidateShareBp,
        seconds: Math.max(0, ((toMs ?? nowMs) - fromMs) / 1000),
      })),
    latencyThresholdsUs: release.reference?.latencyThresholdsUs ?? null,
    referenceErrors: release.reference?.rates.error ?? null,
    blindSeconds: telemetry.blindSeconds,
    gaps: telemetry.gaps,
    invalidReasons: [],
    acceptedHolds: release.acceptedHolds,
    ...shadowContext(release, observation, nowMs),
    ...triggerContext(release, nowMs),
  };
}

/** While traffic is mirrored, at its gate too. */
export const isShadowing = (release: Release): boolean =>
  release.state === "SHADOWING" ||
  (release.state === "AWAITING_GATE" && release.stepIndex === null);

function shadowContext(
  release: Release,
  observation: Observation,
  nowMs: number,
): Pick<JudgeContext, "shadow"> {
  if (!isShadowing(release) || release.plan.shadow?.comparison === undefined) return {};
  const sinceMs = appliedEverywhereSinceMs(observation, release.epoch ?? 0);
  return { shadow: { seconds: sinceMs === null ? 0 : Math.max(0, (nowMs - sinceMs) / 1000) } };
}

/** Enough intervals of each length for the trigger that wants most in a row, and as many that may say nothing. */
function triggerContext({ plan }: Release, nowMs: number): Pick<JudgeContext, "triggers"> {
  const triggers = plan.triggers ?? [];
  if (triggers.length === 0) return {};
  const bySeconds = Map.groupBy(triggers, ({ seconds }) => seconds);
  return {
    triggers: {
      untilMs: nowMs,
      intervals: [...bySeconds].map(([seconds, some]) => ({
        seconds,
        count: 2 * Math.max(...some.map(({ intervals }) => intervals)),
      })),
    },
  };
}
