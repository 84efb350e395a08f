import { approvalsComplete } from "./approvals.ts";
import { go, stay, type Decision } from "./decision.ts";
import type { Effect } from "./effect.ts";
import type { EventName } from "./machine.ts";
import {
  beginShadow,
  enterStep,
  move,
  promote,
  provision,
  rollBack,
  type MoveContext,
} from "./move.ts";
import {
  appliedEverywhereSinceMs,
  isWarm,
  isWarmEverywhere,
  reachableRuntimes,
  versionOn,
  type Observation,
} from "./observation.ts";
import type { PairedReport } from "./paired-report.ts";
import type { PairedComparison } from "./plan-parts.ts";
import type { Release } from "./release.ts";
import { guardRailAlarm, harmAlarm } from "./safety.ts";
import { startRefusal } from "./start-refusal.ts";
import { MIN_REFERENCE_REQUESTS } from "./reference.ts";
import type { WaitReason } from "./wait-reason.ts";

const byPolicy = (
  release: Release,
  observation: Observation,
  nowMs: number,
  event: EventName,
): MoveContext => ({
  release,
  observation,
  nowMs,
  event,
  by: { kind: "policy" },
});

/** From the draft to the last moment before the candidate gets weight. */
export function decidePreparation(
  release: Release,
  observation: Observation,
  nowMs: number,
): Decision {
  const context = (event: EventName) => byPolicy(release, observation, nowMs, event);
  switch (release.state) {
    case "PENDING_APPROVAL":
    case "APPROVED":
      if (release.expiresAtMs !== null && nowMs >= release.expiresAtMs) {
        return go(move(context("expire"), "EXPIRED", {}, [{ kind: "notify", topic: "ended" }]));
      }
      return release.state === "APPROVED"
        ? decideApproved(release, observation, nowMs)
        : stay(approvalWait(release));
    case "PROVISIONING":
    case "WARMING":
    case "SHADOWING":
      return decideLoading(release, observation, nowMs);
    default:
      return stay({ code: "not_submitted" });
  }
}

function approvalWait(release: Release): WaitReason {
  const { have, need, voided, missingRoles } = approvalsComplete(release);
  return voided > 0 && have < need
    ? { code: "evidence_changed", voided, have, need }
    : { code: "awaiting_approval", have, need, missingRoles };
}

function decideApproved(release: Release, observation: Observation, nowMs: number): Decision {
  if (!approvalsComplete(release).isComplete) {
    return go(
      move(byPolicy(release, observation, nowMs, "void_approvals"), "PENDING_APPROVAL", {}),
    );
  }
  const refusal = startRefusal(release, observation);
  if (refusal !== null) return stay(refusal.wait);
  const startsAtMs = release.startsAtMs ?? null;
  if (startsAtMs !== null && nowMs < startsAtMs)
    return stay({ code: "scheduled", untilMs: startsAtMs });
  if (!release.startsAutomatically) return stay({ code: "awaiting_start" });
  return go(provision(byPolicy(release, observation, nowMs, "start_by_plan")));
}

function decideLoading(release: Release, observation: Observation, nowMs: number): Decision {
  const alarm = guardRailAlarm(release, observation);
  const limitMs = release.stateSinceMs + release.plan.warmLimitSeconds * 1000;
  const context = (event: EventName) => byPolicy(release, observation, nowMs, event);
  if (alarm !== null) {
    return go(
      rollBack({ ...context("abort"), by: alarm.by, reason: alarm.reason }, { cause: alarm.cause }),
    );
  }
  if (release.state !== "SHADOWING" && nowMs >= limitMs) {
    const reason = "The candidate was not ready on every runtime in time.";
    return go(rollBack({ ...context("abort"), reason }, { cause: "timed_out" }));
  }
  switch (release.state) {
    case "PROVISIONING":
      return decideProvisioning(release, observation, limitMs, context("all_loaded"));
    case "WARMING":
      return decideWarming(release, observation, nowMs, limitMs);
    default:
      return decideShadowing(release, observation, nowMs);
  }
}

function decideProvisioning(
  release: Release,
  observation: Observation,
  limitMs: number,
  context: MoveContext,
): Decision {
  const runtimes = reachableRuntimes(observation);
  if (runtimes.length === 0) return stay({ code: "no_runtime" });
  const loaded = runtimes.filter((runtime) => {
    const state = versionOn(runtime, release.candidateVersionId)?.state;
    return state === "warming" || state === "ready";
  });
  if (loaded.length < runtimes.length) {
    return stay({ code: "loading", ready: loaded.length, total: runtimes.length, limitMs });
  }
  return go(move(context, "WARMING", {}));
}

const needsReference = (release: Release): boolean =>
  release.plan.steps.length > 0 &&
  release.plan.guards.some(({ metric }) => metric === "latencyP95" || metric === "latencyP99");

function decideWarming(
  release: Release,
  observation: Observation,
  nowMs: number,
  limitMs: number,
): Decision {
  const runtimes = reachableRuntimes(observation);
  if (runtimes.length === 0) return stay({ code: "no_runtime" });
  if (!isWarmEverywhere(observation, release.candidateVersionId)) {
    const ready = runtimes.filter((runtime) =>
      isWarm(versionOn(runtime, release.candidateVersionId)),
    ).length;
    return stay({ code: "warming", ready, total: runtimes.length, limitMs });
  }
  if (needsReference(release) && release.reference === null && observation.reference === null) {
    return stay({ code: "awaiting_reference", need: MIN_REFERENCE_REQUESTS });
  }
  if (observation.freeze !== null) {
    return stay({
      code: "change_freeze",
      name: observation.freeze.name,
      untilMs: observation.freeze.untilMs,
    });
  }
  const { shadow } = release.plan;
  if (shadow !== null) {
    return go(
      beginShadow(byPolicy(release, observation, nowMs, "begin_shadow"), shadow.samplingBp),
    );
  }
  return enterFirstStep(release, observation, nowMs);
}

function enterFirstStep(release: Release, observation: Observation, nowMs: number): Decision {
  return release.plan.steps.length === 0
    ? go(promote(byPolicy(release, observation, nowMs, "promote")))
    : go(enterStep(byPolicy(release, observation, nowMs, "enter_step"), 0));
}

function decideShadowing(release: Release, observation: Observation, nowMs: number): Decision {
  const harm = harmAlarm(observation);
  if (harm !== null) {
    const { reason, restsOnVerdict, cause } = harm;
    const context = byPolicy(release, observation, nowMs, "abort");
    return go(rollBack({ ...context, reason, restsOnVerdict }, { cause }));
  }
  const since = appliedEverywhereSinceMs(observation, release.epoch ?? 0);
  if (since === null) return stay({ code: "shadowing", untilMs: null });
  const untilMs = since + (release.plan.shadow?.dwellSeconds ?? 0) * 1000;
  if (nowMs < untilMs) return stay({ code: "shadowing", untilMs });
  if (!isWarmEverywhere(observation, release.candidateVersionId))
    return stay({ code: "shadowing", untilMs });
  const comparison = release.plan.shadow?.comparison;
  return comparison === undefined
    ? afterShadow(release, observation, nowMs)
    : leaveShadow(comparison, release, observation, nowMs);
}

/** What the plan says of the end of a comparison; if it stays undecided for too long a person decides. */
function leaveShadow(
  comparison: PairedComparison,
  release: Release,
  observation: Observation,
  nowMs: number,
): Decision {
  const onVerdict = (event: EventName): MoveContext => ({
    ...byPolicy(release, observation, nowMs, event),
    restsOnVerdict: true,
  });
  const paired = observation.verdict?.paired;
  const isEnough = paired !== undefined && paired.units >= comparison.minUnits;
  if (isEnough && comparison.then === "deprecate") {
    return go(rollBack(onVerdict("conclude"), { cause: "deprecated", endsAs: "DEPRECATED" }));
  }
  if (isEnough && comparison.then === "steps" && paired.word === "SAFE")
    return afterShadow(release, observation, nowMs);
  const isLate = nowMs >= release.stateSinceMs + release.plan.maxStepSeconds * 1000;
  if ((isEnough && comparison.then === "gate") || isLate) {
    const notice: Effect = { kind: "notify", topic: "gate_open" };
    return go(move(onVerdict("open_gate"), "AWAITING_GATE", {}, [notice]));
  }
  return stay(comparingWait(comparison, paired));
}

function comparingWait(comparison: PairedComparison, paired: PairedReport | undefined): WaitReason {
  const { minUnits: need, minAgreement } = comparison;
  if (paired === undefined) {
    const nothing = { have: 0, agreement: null, lower: 0, upper: 1, etaSeconds: null } as const;
    return { code: "comparing", need, minAgreement, unitWord: "requests", ...nothing };
  }
  const { units, agreement, band, unitWord, etaSeconds } = paired;
  return {
    code: "comparing",
    have: units,
    need,
    agreement,
    ...band,
    minAgreement,
    unitWord,
    etaSeconds,
  };
}

/**
 * The first weight after mirroring. The start asked the checklist for traffic that answers nobody; now callers are about to
 * meet the candidate, so it is asked again, and what has expired meanwhile counts. A freeze forbids this weight as any other.
 */
function afterShadow(release: Release, observation: Observation, nowMs: number): Decision {
  const { freeze, checklistOpen } = observation;
  if (checklistOpen.length > 0) return stay({ code: "checklist_open", items: checklistOpen });
  if (freeze !== null)
    return stay({ code: "change_freeze", name: freeze.name, untilMs: freeze.untilMs });
  return enterFirstStep(release, observation, nowMs);
}
