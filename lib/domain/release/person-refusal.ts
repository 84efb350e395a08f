import { mayApprove } from "./approvals.ts";
import { PERSON_EVENTS, targetsOf, type PersonEventName } from "./machine.ts";
import { isWarmEverywhere, reachableRuntimes, type Observation } from "./observation.ts";
import type { Refusal } from "./refusal.ts";
import { releaseWeightBp, type Release } from "./release.ts";
import { guardRailAlarm, runtimeSafetyAlarm } from "./safety.ts";
import { HOLDS_FOR_A_PERSON, type HoldReason } from "./states.ts";
import { startRefusal } from "./start-refusal.ts";
import { guardsPastLimit } from "./verdict.ts";

const refuse = (code: Refusal["code"], message: string): Refusal => ({ code, message });

function selfRefusal(release: Release, personId: string): Refusal | null {
  return mayApprove(release, personId)
    ? null
    : refuse("self_approval", "Nobody approves or promotes their own version or release.");
}

function approveRefusal(release: Release, personId: string): Refusal | null {
  const has = release.approvals.some(
    (approval) => approval.personId === personId && approval.digest === release.digest,
  );
  return has
    ? refuse("already_approved", "You have approved this plan and evidence already.")
    : selfRefusal(release, personId);
}

/** What forbids to send more traffic to the candidate, whoever asks: an alarm that rolls back anyway, or a crossed limit. */
function evidenceRefusal(release: Release, observation: Observation): Refusal | null {
  const alarm =
    runtimeSafetyAlarm(release, observation, release.firstWeightEpoch) ??
    guardRailAlarm(release, observation);
  if (alarm !== null) return refuse("past_limit", alarm.reason);
  const { verdict } = observation;
  if (verdict === null) return null;
  if (verdict.verdict === "BLIND" || verdict.blindSeconds !== null) {
    return refuse("no_evidence", "An arm is silent: nobody can see how the candidate does.");
  }
  const past = guardsPastLimit(verdict, release.acceptedHolds);
  if (past.length > 0) {
    return refuse("past_limit", `Past its limit: ${past.map(({ metric }) => metric).join(", ")}.`);
  }
  return null;
}

/** A drill shows the way back; the fault it carries must never reach everybody. */
function drillRefusal(release: Release): Refusal | null {
  return release.plan.drill === undefined
    ? null
    : refuse("drill", "This is a rollback drill: nobody lets it go on.");
}

function gateRefusal(release: Release, personId: string, observation: Observation): Refusal | null {
  const own = drillRefusal(release) ?? selfRefusal(release, personId);
  if (own !== null) return own;
  if (release.state === "BAKING") {
    return observation.bake?.action === "roll_back"
      ? refuse("past_limit", "The promoted version is past its limit.")
      : null;
  }
  // At 0 % and after mirroring nothing was drawn by lot: the person goes by what was seen, and that is recorded.
  if (releaseWeightBp(release) === 0) {
    return (
      firstWeightRefusal(release, observation) ??
      evidenceRefusal(release, observation) ??
      warmRefusal(release, observation)
    );
  }
  const word = observation.verdict?.verdict;
  if (word === undefined || word === "INVALID" || word === "BLIND") {
    return refuse("no_evidence", "There is no valid evidence to pass the gate on.");
  }
  return evidenceRefusal(release, observation) ?? warmRefusal(release, observation);
}

/** Before any caller has met the candidate, the checklist has to be met, whoever sends it on. */
function firstWeightRefusal(
  { firstWeightEpoch }: Release,
  { checklistOpen }: Observation,
): Refusal | null {
  return firstWeightEpoch !== null || checklistOpen.length === 0
    ? null
    : refuse("checklist_open", `The checklist is open: ${checklistOpen.join(", ")}.`);
}

function warmRefusal(release: Release, observation: Observation): Refusal | null {
  return isWarmEverywhere(observation, release.candidateVersionId)
    ? null
    : refuse("not_warm", "The candidate is not loaded and warm on every runtime.");
}

function resumeRefusal(release: Release): Refusal | null {
  const reason = release.hold?.reason ?? "MANUAL";
  return (HOLDS_FOR_A_PERSON as readonly HoldReason[]).includes(reason)
    ? null
    : refuse("hold_ends_by_itself", "This hold ends by itself when its cause is gone.");
}

function rollBackRefusal(release: Release, { endpoint, runtimes }: Observation): Refusal | null {
  if (release.state !== "COMPLETED") return null;
  if (endpoint.activeReleaseId !== null && endpoint.activeReleaseId !== release.id) {
    return refuse("endpoint_busy", "Another release of this endpoint is live: roll that one back.");
  }
  if (endpoint.stableVersionId !== release.candidateVersionId) {
    return refuse("not_current", "The endpoint does not serve this release's version any more.");
  }
  const isReady = runtimes.every((runtime) =>
    runtime.versions.some(
      (version) => version.versionId === release.stableVersionId && version.state === "ready",
    ),
  );
  return release.isPreviousWarm && isReady
    ? null
    : refuse(
        "previous_not_warm",
        "The previous version is not loaded any more: go back with a new release.",
      );
}

function startNowRefusal(release: Release, observation: Observation): Refusal | null {
  const refusal = startRefusal(release, observation);
  if (refusal !== null) return refuse(refusal.code, refusal.message);
  return reachableRuntimes(observation).length > 0
    ? null
    : refuse("no_runtime", "No runtime is connected.");
}

/** Holding needs a step, ending a challenger needs that there is none yet. */
function stepRefusal({ stepIndex }: Release, event: "hold" | "deprecate"): Refusal | null {
  if (event === "hold" && stepIndex === null)
    return refuse("illegal_transition", "There is no step to hold: the candidate has no weight.");
  return event === "deprecate" && stepIndex !== null
    ? refuse("illegal_transition", "The candidate is past its mirroring: roll it back.")
    : null;
}

/** Why the event would be refused now, beside its own form fields; null when it may be asked for. */
export function personEventRefusal(
  release: Release,
  event: PersonEventName,
  personId: string,
  observation: Observation,
): Refusal | null {
  if (targetsOf(release.state, event) === undefined) {
    return refuse("illegal_transition", `Not possible while the release is ${release.state}.`);
  }
  switch (event) {
    case "approve":
      return approveRefusal(release, personId);
    case "submit":
      return observation.checklistOpen.length === 0
        ? null
        : refuse(
            "checklist_open",
            `The checklist is open: ${observation.checklistOpen.join(", ")}.`,
          );
    case "start":
      return startNowRefusal(release, observation);
    case "resume":
      return resumeRefusal(release);
    case "pass_gate":
      return gateRefusal(release, personId, observation);
    case "promote_now":
      return (
        drillRefusal(release) ??
        selfRefusal(release, personId) ??
        firstWeightRefusal(release, observation) ??
        evidenceRefusal(release, observation) ??
        warmRefusal(release, observation)
      );
    case "roll_back":
      return rollBackRefusal(release, observation);
    case "hold":
    case "deprecate":
      return stepRefusal(release, event);
    case "reject":
    case "cancel":
    case "change_plan":
    case "supersede":
      return null;
  }
}

export type AllowedAction = { readonly event: PersonEventName; readonly refusal: Refusal | null };

/** The buttons to show: every event that the table knows for this state, with the reason where it is closed. */
export function allowedActions(
  release: Release,
  personId: string,
  observation: Observation,
): AllowedAction[] {
  return PERSON_EVENTS.filter((event) => targetsOf(release.state, event) !== undefined).map(
    (event) => ({
      event,
      refusal: personEventRefusal(release, event, personId, observation),
    }),
  );
}
