import type { ApprovalTerms } from "./approval-terms.ts";
import { approvalsComplete } from "./approvals.ts";
import {
  enterStep,
  move,
  promote,
  provision,
  rollBack,
  suspend,
  type Move,
  type MoveContext,
} from "./move.ts";
import type { Observation } from "./observation.ts";
import { personEventRefusal } from "./person-refusal.ts";
import type { Plan } from "./plan.ts";
import type { Refusal } from "./refusal.ts";
import type { Approval, Release } from "./release.ts";
import { mayHaveWeight, type ReleaseState } from "./states.ts";
import { guardsPastLimit } from "./verdict.ts";

export { allowedActions, personEventRefusal } from "./person-refusal.ts";

/** What a person asks for. Whether the person may do so at all is for the permission matrix; this is about the release. */
export type PersonEvent =
  /** `terms`: what it has to be approved by, fixed from now on. Left out, what stands in the release already. */
  | { readonly type: "submit"; readonly by: string; readonly terms?: ApprovalTerms }
  | {
      readonly type: "approve";
      readonly by: string;
      readonly role: string;
      /** Of the plan and evidence that the person saw. */
      readonly digest: string;
      readonly meaning: string;
      readonly reason: string;
    }
  | { readonly type: "reject"; readonly by: string; readonly reason: string }
  | { readonly type: "cancel"; readonly by: string; readonly reason: string | null }
  | { readonly type: "start"; readonly by: string }
  | { readonly type: "hold"; readonly by: string; readonly reason: string }
  | { readonly type: "resume"; readonly by: string; readonly reason: string | null }
  | { readonly type: "pass_gate"; readonly by: string; readonly reason: string }
  /** A signed override: what is undecided is taken on by the person who signs. */
  | {
      readonly type: "promote_now";
      readonly by: string;
      readonly reason: string;
      readonly isSigned: boolean;
    }
  /** The reason may follow within 24 h. */
  | { readonly type: "roll_back"; readonly by: string; readonly reason: string | null }
  /** Ends a challenger after mirroring: its copy of the traffic stops everywhere. */
  | { readonly type: "deprecate"; readonly by: string; readonly reason: string }
  /** Another plan before the start; `digest` is over it and the evidence, so that approvals of the old one are void. */
  | {
      readonly type: "change_plan";
      readonly by: string;
      readonly plan: Plan;
      readonly digest: string;
      readonly startsAtMs: number | null;
      readonly reason: string;
    }
  | { readonly type: "supersede"; readonly by: string; readonly newReleaseId: string };

export type PersonStep =
  { readonly ok: true; readonly move: Move } | { readonly ok: false; readonly refusal: Refusal };

const refuse = (code: Refusal["code"], message: string): Refusal => ({ code, message });

const isBlank = (text: string | null): boolean => text === null || text.trim() === "";

/** What is wrong with the event's own fields. */
function formRefusal(release: Release, event: PersonEvent): Refusal | null {
  switch (event.type) {
    case "approve":
      if (event.digest !== release.digest) {
        return refuse(
          "stale_digest",
          "Plan or evidence changed since you opened it. Read it again, then approve.",
        );
      }
      if (release.approverRoles.length > 0 && !release.approverRoles.includes(event.role)) {
        return refuse(
          "role_not_allowed",
          `Approvals here come from: ${release.approverRoles.join(", ")}.`,
        );
      }
      return isBlank(event.reason)
        ? refuse("reason_required", "An approval needs a reason.")
        : null;
    case "reject":
    case "hold":
    case "deprecate":
    case "change_plan":
    case "pass_gate":
      return isBlank(event.reason) ? refuse("reason_required", "A reason is required.") : null;
    case "promote_now":
      if (isBlank(event.reason)) return refuse("reason_required", "An override needs a reason.");
      return event.isSigned ? null : refuse("signature_required", "An override must be signed.");
    default:
      return null;
  }
}

/** A person's event applied to a release: the move, or why not. `nowMs` is the database clock. */
export function applyPersonEvent(
  release: Release,
  event: PersonEvent,
  observation: Observation,
  nowMs: number,
): PersonStep {
  const refusal =
    personEventRefusal(release, event.type, event.by, observation) ?? formRefusal(release, event);
  if (refusal !== null) return { ok: false, refusal };
  const context: MoveContext = {
    release,
    observation,
    nowMs,
    event: event.type,
    by: { kind: "person", personId: event.by },
    reason: "reason" in event ? event.reason : null,
  };
  return { ok: true, move: moveOf(context, event) };
}

function moveOf(context: MoveContext, event: PersonEvent): Move {
  const { release } = context;
  const ended = [{ kind: "notify", topic: "ended" }] as const;
  switch (event.type) {
    case "submit":
      return submitMove(context, event.terms);
    case "approve":
      return approveMove(context, event);
    case "reject":
      return move(context, "REJECTED", {}, ended);
    case "cancel":
      return move(context, "CANCELLED", {}, ended);
    case "start":
      return provision(context);
    case "hold":
      return suspend(context, { reason: "MANUAL", personId: event.by, note: event.reason });
    case "resume":
      return resumeMove(context);
    case "pass_gate":
      return passGateMove(context);
    case "promote_now":
      return promote({ ...context, restsOnVerdict: true });
    case "roll_back":
      return rollBack(
        { ...context, restsOnVerdict: mayHaveWeight(release.state) },
        { cause: "person" },
      );
    case "deprecate":
      return rollBack(
        { ...context, restsOnVerdict: true },
        { cause: "deprecated", endsAs: "DEPRECATED" },
      );
    case "change_plan":
      return changePlanMove(context, event);
    case "supersede":
      return supersedeMove(context, event.newReleaseId);
  }
}

/** Another plan is another thing to sign for: what was approved goes back to waiting for approval. */
function changePlanMove(
  context: MoveContext,
  { plan, digest, startsAtMs }: Extract<PersonEvent, { type: "change_plan" }>,
): Move {
  const { release } = context;
  const changed = { ...release, plan, digest };
  const { isComplete } = approvalsComplete(changed);
  const to = release.state === "APPROVED" && !isComplete ? "PENDING_APPROVAL" : release.state;
  const asked =
    to === "PENDING_APPROVAL" ? [{ kind: "notify", topic: "approval_needed" } as const] : [];
  return move(context, to, { plan, digest, startsAtMs }, asked);
}

function submitMove(context: MoveContext, terms: Partial<ApprovalTerms> = {}): Move {
  const { isComplete } = approvalsComplete({ ...context.release, ...terms });
  return isComplete
    ? move(context, "APPROVED", terms, [{ kind: "notify", topic: "approved" }])
    : move(context, "PENDING_APPROVAL", terms, [{ kind: "notify", topic: "approval_needed" }]);
}

function approveMove(context: MoveContext, event: Extract<PersonEvent, { type: "approve" }>): Move {
  const { by: personId, role, digest, meaning, reason } = event;
  const approval: Approval = { personId, role, digest, meaning, reason, atMs: context.nowMs };
  const approvals = [...context.release.approvals, approval];
  const isComplete = approvalsComplete({ ...context.release, approvals }).isComplete;
  return isComplete
    ? move(context, "APPROVED", { approvals }, [{ kind: "notify", topic: "approved" }])
    : move(context, "PENDING_APPROVAL", { approvals });
}

/** Going on after a hold restarts the step's time limit; resuming a crossed limit accepts that very guard. */
function resumeMove(context: MoveContext): Move {
  const { release, observation, nowMs } = context;
  const isLimit = release.hold?.reason === "LIMIT_CROSSED" && observation.verdict !== null;
  const past =
    isLimit && observation.verdict !== null
      ? guardsPastLimit(observation.verdict, release.acceptedHolds)
      : [];
  const accepted = past.filter(({ action }) => action === "hold").map(({ metric }) => metric);
  return move({ ...context, restsOnVerdict: isLimit }, "STEP_ACTIVE", {
    stepSinceMs: nowMs,
    acceptedHolds: [...release.acceptedHolds, ...accepted],
  });
}

function passGateMove(context: MoveContext): Move {
  const { release } = context;
  const onVerdict = { ...context, restsOnVerdict: true };
  if (release.state === "BAKING")
    return move(onVerdict, "COMPLETED", {}, [{ kind: "notify", topic: "ended" }]);
  // After mirroring there is no step yet: the first one begins.
  const next = release.stepIndex === null ? 0 : release.stepIndex + 1;
  return next < release.plan.steps.length ? enterStep(onVerdict, next) : promote(onVerdict);
}

function supersedeMove(context: MoveContext, newReleaseId: string): Move {
  const { release } = context;
  const ended = [{ kind: "notify", topic: "ended" }] as const;
  if (release.state === "BAKING") return move(context, "COMPLETED", {}, ended);
  const isStarted: readonly ReleaseState[] = ["PROVISIONING", "WARMING", "SHADOWING"];
  if (isStarted.includes(release.state) || mayHaveWeight(release.state)) {
    return rollBack(
      { ...context, reason: "A newer release takes the endpoint." },
      {
        cause: "superseded",
        endsAs: "SUPERSEDED",
        supersededById: newReleaseId,
      },
    );
  }
  return move(context, "SUPERSEDED", { supersededById: newReleaseId }, ended);
}
