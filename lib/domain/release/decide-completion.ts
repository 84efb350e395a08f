import { go, stay, type Decision } from "./decision.ts";
import type { EventName } from "./machine.ts";
import { move, releasePrevious, rollBack, type MoveContext } from "./move.ts";
import { appliedEverywhereSinceMs, type Observation, type RuntimeFact } from "./observation.ts";
import type { Release } from "./release.ts";
import { guardRailAlarm, runtimeSafetyAlarm, type Alarm } from "./safety.ts";

/** From promotion, or from the order to roll back, to the end. */
export function decideCompletion(
  release: Release,
  observation: Observation,
  nowMs: number,
): Decision {
  const context = (event: EventName): MoveContext => ({
    release,
    observation,
    nowMs,
    event,
    by: { kind: "policy" },
  });
  switch (release.state) {
    case "PROMOTING":
      return decidePromoting(release, observation, nowMs, context);
    case "BAKING":
      return decideBaking(release, observation, nowMs, context);
    case "ROLLING_BACK":
      return decideRollingBack(release, observation, nowMs, context);
    default:
      return decideCompleted(release, observation, nowMs, context);
  }
}

type Context = (event: EventName) => MoveContext;

/** Which runtimes confirmed an epoch, which are given up, and on which we wait. */
type Confirmation = {
  readonly confirmed: number;
  readonly total: number;
  readonly waitingFor: RuntimeFact[];
  readonly fencedIds: string[];
};

/**
 * A runtime that has been silent for the dead-man time serves stable by itself if its table had a candidate, so
 * waiting longer adds nothing: it is given up ("fenced") and named in the record.
 */
function confirmation(
  release: Release,
  observation: Observation,
  nowMs: number,
  hasConfirmed: (runtime: RuntimeFact) => boolean,
): Confirmation {
  const isFenced = (runtime: RuntimeFact) =>
    !runtime.isReachable && nowMs - runtime.lastContactMs >= release.plan.deadmanSeconds * 1000;
  const fenced = observation.runtimes.filter(
    (runtime) => !hasConfirmed(runtime) && isFenced(runtime),
  );
  const waitingFor = observation.runtimes.filter(
    (runtime) => !hasConfirmed(runtime) && !isFenced(runtime),
  );
  const total = observation.runtimes.length;
  return {
    confirmed: total - fenced.length - waitingFor.length,
    total,
    waitingFor,
    fencedIds: fenced.map((runtime) => runtime.runtimeId),
  };
}

const names = (runtimes: readonly RuntimeFact[]) => runtimes.map((runtime) => runtime.name);

function fallBack(alarm: Alarm, context: Context): Decision {
  const { by, reason, restsOnVerdict, cause } = alarm;
  return go(rollBack({ ...context("fall_back"), by, reason, restsOnVerdict }, { cause }));
}

/** After promotion only an epoch of the promotion itself can be burnt; older ones are overtaken. */
const promotedAlarm = (release: Release, observation: Observation): Alarm | null =>
  runtimeSafetyAlarm(release, observation, release.promotionEpoch) ??
  guardRailAlarm(release, observation);

function decidePromoting(
  release: Release,
  observation: Observation,
  nowMs: number,
  context: Context,
): Decision {
  const alarm = promotedAlarm(release, observation);
  if (alarm !== null) return fallBack(alarm, context);
  const state = confirmation(
    release,
    observation,
    nowMs,
    (runtime) => runtime.appliedEpoch >= (release.promotionEpoch ?? 0),
  );
  if (state.waitingFor.length > 0) {
    return stay({
      code: "promoting",
      confirmed: state.confirmed,
      total: state.total,
      names: names(state.waitingFor),
    });
  }
  return go(
    move(context("bake"), "BAKING", { fencedRuntimeIds: state.fencedIds }, [
      { kind: "notify", topic: "promoted" },
    ]),
  );
}

function decideBaking(
  release: Release,
  observation: Observation,
  nowMs: number,
  context: Context,
): Decision {
  const alarm = promotedAlarm(release, observation);
  if (alarm !== null) return fallBack(alarm, context);
  const { bake, bakeBlindSeconds } = observation;
  if (bake?.word === "HARM" && bake.action === "roll_back") {
    const reason = "The promoted version is past its limit against the rate before the release.";
    return fallBack(
      { cause: "bake_harm", by: { kind: "policy" }, reason, restsOnVerdict: true },
      context,
    );
  }
  const sinceMs =
    appliedEverywhereSinceMs(observation, release.promotionEpoch ?? 0) ?? release.stateSinceMs;
  const untilMs = Math.max(sinceMs, release.stateSinceMs) + release.plan.bakeSeconds * 1000;
  if (nowMs < untilMs) return stay({ code: "baking", untilMs });
  const past = bake?.guards.find((guard) => guard.word === "HARM");
  if (past !== undefined) {
    const ratio = past.rate === null || !past.referenceRate ? null : past.rate / past.referenceRate;
    return stay({
      code: "limit_crossed",
      metric: past.metric,
      ratio,
      limitRatio: bakeLimitRatio(release, past.metric),
    });
  }
  if (bake === null && release.reference === null) return stay({ code: "no_reference" });
  if (bake === null || bake.word === "NO_DATA" || bakeBlindSeconds !== null) {
    const limitSeconds = release.plan.blindLimitSeconds;
    return stay({
      code: "no_data",
      seconds: bakeBlindSeconds ?? (nowMs - release.stateSinceMs) / 1000,
      limitSeconds,
    });
  }
  return go(
    move({ ...context("complete"), restsOnVerdict: true }, "COMPLETED", {}, [
      { kind: "notify", topic: "ended" },
    ]),
  );
}

const bakeLimitRatio = (release: Release, metric: string): number =>
  release.plan.bakeGuards.find((guard) => guard.metric === metric)?.limitRatio ?? 0;

function decideRollingBack(
  release: Release,
  observation: Observation,
  nowMs: number,
  context: Context,
): Decision {
  const { rollback } = release;
  const state = confirmation(
    release,
    observation,
    nowMs,
    (runtime) => runtime.appliedEpoch >= (rollback?.epoch ?? 0) && runtime.isDrained,
  );
  if (state.waitingFor.length > 0) {
    return stay({
      code: "rolling_back",
      confirmed: state.confirmed,
      total: state.total,
      names: names(state.waitingFor),
    });
  }
  return go(
    move(
      context("finish_rollback"),
      rollback?.endsAs ?? "ROLLED_BACK",
      {
        fencedRuntimeIds: state.fencedIds,
        rollback: rollback === null ? null : { ...rollback, finishedAtMs: nowMs },
      },
      [
        { kind: "unload", versionId: release.candidateVersionId },
        { kind: "notify", topic: "ended" },
      ],
    ),
  );
}

/** The replaced version may be unloaded when its time is over, unless another release has the endpoint now. */
function decideCompleted(
  release: Release,
  observation: Observation,
  nowMs: number,
  context: Context,
): Decision {
  const { endpoint } = observation;
  const isOver = nowMs >= release.stateSinceMs + release.plan.keepWarmSeconds * 1000;
  const isOwn =
    endpoint.stableVersionId === release.candidateVersionId && endpoint.epoch === release.epoch;
  const isFree = endpoint.activeReleaseId === null || endpoint.activeReleaseId === release.id;
  return release.isPreviousWarm && isOver && isOwn && isFree
    ? go(releasePrevious(context("release_previous")))
    : stay({ code: "ended" });
}
