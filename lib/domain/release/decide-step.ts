import { go, stay, type Decision } from "./decision.ts";
import type { EventName } from "./machine.ts";
import { enterStep, move, promote, rollBack, suspend, type MoveContext } from "./move.ts";
import {
  appliedEverywhereSinceMs,
  isWarmEverywhere,
  reachableRuntimes,
  type Observation,
} from "./observation.ts";
import { isShadowing } from "./judge-context.ts";
import type { PlanStep } from "./plan.ts";
import type { Release } from "./release.ts";
import { blindAlarm, guardRailAlarm, harmAlarm, runtimeSafetyAlarm } from "./safety.ts";
import { HOLDS_FOR_A_PERSON, type HoldReason } from "./states.ts";
import { crossedDetail, guardsPastLimit, type VerdictReport } from "./verdict.ts";
import { holdReasonOf, type WaitReason } from "./wait-reason.ts";

const NO_STEP: PlanStep = { weightBp: 0, dwellSeconds: 0, minUnits: 0, advance: "gate" };

/** While the candidate has weight beside stable. Safety first, then what blocks, then the step's own rule. */
export function decideStep(release: Release, observation: Observation, nowMs: number): Decision {
  const context = (event: EventName): MoveContext => ({
    release,
    observation,
    nowMs,
    event,
    by: { kind: "policy" },
  });
  const alarm =
    runtimeSafetyAlarm(release, observation, release.firstWeightEpoch) ??
    guardRailAlarm(release, observation) ??
    harmAlarm(observation) ??
    blindAlarm(release, observation);
  if (alarm !== null) {
    const { by, reason, restsOnVerdict, cause } = alarm;
    return go(rollBack({ ...context("fall_back"), by, reason, restsOnVerdict }, { cause }));
  }
  if (isHeldForAPerson(release)) return stay(heldWait(release, observation));
  if (isShadowing(release)) return decideShadowGate(release, nowMs, context);
  if (release.state === "AWAITING_GATE") return decideGate(release, observation, nowMs, context);

  const wait = stepWait(release, observation, nowMs);
  if (wait === null)
    return release.state === "HOLDING" ? endHold(context) : leaveStep(release, context);
  return decideWait(release, observation, nowMs, wait, context);
}

const isHeldForAPerson = (release: Release): boolean =>
  release.state === "HOLDING" &&
  (HOLDS_FOR_A_PERSON as readonly HoldReason[]).includes(release.hold?.reason ?? "MANUAL");

function heldWait(release: Release, observation: Observation): WaitReason {
  switch (release.hold?.reason) {
    case "TIMED_OUT":
      return { code: "timed_out", limitSeconds: release.plan.maxStepSeconds };
    case "LIMIT_CROSSED":
      return (
        limitWait(release, observation.verdict) ?? {
          code: "limit_crossed",
          metric: "guard",
          ratio: null,
          limitRatio: 0,
        }
      );
    default:
      return {
        code: "held_by",
        personId: release.hold?.personId ?? null,
        note: release.hold?.note ?? null,
      };
  }
}

const endHold = (context: (event: EventName) => MoveContext): Decision =>
  go(move(context("end_hold"), "STEP_ACTIVE", {}));

/** The report of this very step; one that was made for another step says nothing about this one. */
function currentVerdict(release: Release, observation: Observation): VerdictReport | null {
  const { verdict } = observation;
  return verdict !== null && verdict.stepIndex === release.stepIndex ? verdict : null;
}

function limitWait(release: Release, verdict: VerdictReport | null): WaitReason | null {
  if (verdict === null) return null;
  const past = guardsPastLimit(verdict, release.acceptedHolds)[0];
  if (past === undefined) return null;
  const guard = verdict.guards.find(({ metric }) => metric === past.metric);
  const detail = crossedDetail(verdict, past.metric);
  return {
    code: "limit_crossed",
    metric: past.metric,
    ratio: guard?.ratio ?? null,
    limitRatio: guard?.limitRatio ?? 1 + (verdict.predictions?.margin ?? 0),
    ...(detail === null ? {} : { detail }),
  };
}

/** What forbids to move on although nothing is proven against the candidate. Missing data is never a pass. */
function blockingWait(release: Release, observation: Observation): WaitReason | null {
  const verdict = currentVerdict(release, observation);
  if (verdict !== null && verdict.verdict === "INVALID") {
    const { split } = verdict;
    if (!split.isAlarm) return { code: "invalid_evidence", reasons: verdict.invalidReasons };
    const { plannedShareBp, candidateUnits, units } = split;
    return { code: "split_mismatch", plannedShareBp: plannedShareBp ?? 0, candidateUnits, units };
  }
  const silent = observation.runtimes.filter((runtime) => !runtime.isReachable);
  if (silent.length > 0)
    return { code: "runtime_unreachable", names: silent.map((runtime) => runtime.name) };
  if (verdict !== null && verdict.blindSeconds !== null) {
    return {
      code: "no_data",
      seconds: verdict.blindSeconds,
      limitSeconds: release.plan.blindLimitSeconds,
    };
  }
  const limit = limitWait(release, verdict);
  if (limit !== null) return limit;
  return verdict?.isStableUnhealthy === true ? { code: "stable_unhealthy" } : null;
}

/** Why the step cannot be left yet; null when its rule is met. */
function stepWait(release: Release, observation: Observation, nowMs: number): WaitReason | null {
  const blocking = blockingWait(release, observation);
  if (blocking !== null) return blocking;
  const step = release.plan.steps[release.stepIndex ?? 0] ?? NO_STEP;
  const runtimes = reachableRuntimes(observation);
  const sinceMs = appliedEverywhereSinceMs(observation, release.stepEpoch ?? 0);
  if (sinceMs === null || !isWarmEverywhere(observation, release.candidateVersionId)) {
    const late = runtimes.filter((runtime) => runtime.appliedEpoch < (release.stepEpoch ?? 0));
    return {
      code: "awaiting_runtimes",
      confirmed: runtimes.length - late.length,
      total: runtimes.length,
      names: late.map((runtime) => runtime.name),
    };
  }
  if (release.plan.drill !== undefined)
    return { code: "drilling", untilMs: sinceMs + release.plan.maxStepSeconds * 1000 };
  const untilMs = sinceMs + step.dwellSeconds * 1000;
  if (nowMs < untilMs) return { code: "minimum_dwell", untilMs };
  const evidence = step.advance === "time" ? null : evidenceWait(release, observation, step);
  if (evidence !== null) return evidence;
  if (observation.freeze === null) return null;
  return {
    code: "change_freeze",
    name: observation.freeze.name,
    untilMs: observation.freeze.untilMs,
  };
}

function evidenceWait(
  release: Release,
  observation: Observation,
  step: PlanStep,
): WaitReason | null {
  if (step.weightBp === 0) return smokeTestWait(release, observation);
  const verdict = currentVerdict(release, observation);
  if (verdict === null) {
    return {
      code: "awaiting_samples",
      have: 0,
      need: step.minUnits,
      unitWord: "requests",
      etaSeconds: null,
    };
  }
  const { have, need } = verdict.stepUnits;
  if (have < need) {
    return {
      code: "awaiting_samples",
      have,
      need,
      unitWord: verdict.unitWord,
      etaSeconds: samplesEta(verdict),
    };
  }
  const needsProof =
    step.advance === "safe" ||
    step.advance === "better" ||
    (step.advance === "no-harm" && step.weightBp > release.plan.exposureCapBp);
  if (needsProof && verdict.verdict !== "SAFE") return undecidedWait(verdict);
  return step.advance === "better" ? outcomeWait(verdict) : null;
}

/** At 0 % nothing is counted; what can be known is whether golden inputs are answered as before. */
function smokeTestWait(release: Release, { smokeTest }: Observation): WaitReason | null {
  if (release.plan.strategy !== "blue_green") return null;
  return smokeTest === undefined || smokeTest === null
    ? { code: "awaiting_smoke_test", total: 0 }
    : null;
}

/** A/B goes on only when the candidate is proven better, never because it is not proven worse. */
function outcomeWait({ outcome }: VerdictReport): WaitReason | null {
  if (outcome === undefined)
    return { code: "invalid_evidence", reasons: ["The plan names no outcome."] };
  if (outcome.word === "BETTER") return null;
  return {
    code: "awaiting_outcome",
    metric: outcome.metric,
    effect: outcome.effect,
    lower: outcome.band.lower,
    upper: outcome.band.upper,
    have: Math.min(outcome.stable.n, outcome.candidate.n),
    need: outcome.need,
  };
}

function samplesEta(verdict: VerdictReport): number | null {
  const { have, need } = verdict.stepUnits;
  const seconds = verdict.stepSeconds ?? 0;
  return have > 0 && seconds > 0 ? Math.ceil(((need - have) * seconds) / have) : null;
}

/** The undecided guard that is expected to take longest, or the one that has no data at all. */
function undecidedWait(verdict: VerdictReport): WaitReason {
  const waiting = verdict.guards.filter((guard) => guard.provesSafe && guard.word !== "SAFE");
  const [slowest] = [...waiting].sort(
    (a, b) => (b.etaSeconds ?? Infinity) - (a.etaSeconds ?? Infinity),
  );
  if (slowest === undefined)
    return { code: "invalid_evidence", reasons: ["The plan has no guard that proves safety."] };
  if (slowest.metric === "wrongLabel" && slowest.word === "NO_DATA")
    return { code: "awaiting_labels" };
  return {
    code: "undecided",
    metric: slowest.metric,
    undecidedGuards: waiting.length,
    ratio: slowest.ratio,
    lower: slowest.band.lower,
    upper: slowest.band.upper,
    limitRatio: slowest.limitRatio,
    unitWord: verdict.unitWord,
    unitsStillNeeded: slowest.unitsStillNeeded,
    etaSeconds: slowest.etaSeconds,
  };
}

/** The rule is met: a gate opens, the next step begins, or the last one ends in promotion. */
function leaveStep(release: Release, context: (event: EventName) => MoveContext): Decision {
  const index = release.stepIndex ?? 0;
  const step = release.plan.steps[index] ?? NO_STEP;
  const onVerdict = (event: EventName): MoveContext => ({
    ...context(event),
    restsOnVerdict: step.advance !== "time",
  });
  if (step.advance === "gate") {
    return go(
      move(onVerdict("open_gate"), "AWAITING_GATE", {}, [{ kind: "notify", topic: "gate_open" }]),
    );
  }
  return index + 1 < release.plan.steps.length
    ? go(enterStep(onVerdict("enter_step"), index + 1))
    : go(promote(onVerdict("promote")));
}

/** Waits that last are shown as a hold; past the step's limit the plan says whether a person decides or stable. */
function decideWait(
  release: Release,
  observation: Observation,
  nowMs: number,
  wait: WaitReason,
  context: (event: EventName) => MoveContext,
): Decision {
  const { plan, stepSinceMs, stepIndex, hold } = release;
  const step = plan.steps[stepIndex ?? 0] ?? NO_STEP;
  const waitedSeconds = (nowMs - (stepSinceMs ?? nowMs)) / 1000;
  const isAwaitingTime = wait.code === "minimum_dwell" || wait.code === "change_freeze";
  if (waitedSeconds >= plan.maxStepSeconds && !isAwaitingTime) return timeOut(release, context);

  const reason = holdReasonOf(wait);
  const isGraced = reason === undefined || reason === "INSUFFICIENT" || reason === "UNDECIDED";
  const isLong = waitedSeconds >= step.dwellSeconds + plan.graceSeconds;
  const wanted = reason !== undefined && (!isGraced || isLong) ? reason : null;
  if (release.state === "HOLDING") {
    if (wanted === null) return endHold(context);
    return wanted === hold?.reason
      ? stay(wait)
      : go(suspend(onWait(context, wanted), nobodysHold(wanted)));
  }
  return wanted === null ? stay(wait) : go(suspend(onWait(context, wanted), nobodysHold(wanted)));
}

const nobodysHold = (reason: HoldReason) => ({ reason, personId: null, note: null });

const onWait = (context: (event: EventName) => MoveContext, reason: HoldReason): MoveContext => ({
  ...context("suspend"),
  restsOnVerdict: reason !== "RUNTIME_UNREACHABLE",
});

function timeOut(release: Release, context: (event: EventName) => MoveContext): Decision {
  if (release.plan.onTimeout === "hold") {
    return go(suspend(onWait(context, "TIMED_OUT"), nobodysHold("TIMED_OUT")));
  }
  const reason = `Undecided after ${release.plan.maxStepSeconds} s at this step.`;
  return go(
    rollBack({ ...context("fall_back"), reason, restsOnVerdict: true }, { cause: "timed_out" }),
  );
}

/** After mirroring: nobody meets the candidate, so nothing is held; if nobody decides in time the copy ends. */
function decideShadowGate(
  release: Release,
  nowMs: number,
  context: (event: EventName) => MoveContext,
): Decision {
  const untilMs = release.stateSinceMs + release.plan.gateLimitSeconds * 1000;
  if (nowMs < untilMs) return stay({ code: "awaiting_gate", untilMs });
  const reason = `Nobody decided within ${release.plan.gateLimitSeconds} s after the mirroring.`;
  return go(
    rollBack({ ...context("fall_back"), reason, restsOnVerdict: true }, { cause: "timed_out" }),
  );
}

function decideGate(
  release: Release,
  observation: Observation,
  nowMs: number,
  context: (event: EventName) => MoveContext,
): Decision {
  const blocking = blockingWait(release, observation);
  const reason = blocking === null ? undefined : holdReasonOf(blocking);
  if (reason !== undefined) return go(suspend(onWait(context, reason), nobodysHold(reason)));
  const untilMs = release.stateSinceMs + release.plan.gateLimitSeconds * 1000;
  return nowMs >= untilMs ? timeOut(release, context) : stay({ code: "awaiting_gate", untilMs });
}
