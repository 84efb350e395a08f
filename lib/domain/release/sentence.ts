import { onEvidence } from "./evidence-words.ts";
import type { ReleaseState } from "./states.ts";
import type { WaitReason } from "./wait-reason.ts";
import { formatList, formatMoment, formatNoun, formatSeconds, formatWeight } from "./wording.ts";

/** What a sentence needs to know beside the reason. Names are for people; times come from the database clock. */
export type SentenceFacts = {
  readonly modelName: string;
  readonly versionName: string;
  /** The version that the release replaces. */
  readonly stableVersionName: string;
  readonly environmentName: string;
  readonly state: ReleaseState;
  readonly weightBp: number;
  /** From 1; null outside of steps. */
  readonly stepNumber: number | null;
  readonly stepCount: number;
  readonly stateSinceMs: number;
  readonly nowMs: number;
  /** Of the person named in the reason, if any. */
  readonly personName: string | null;
};

/**
 * The release in words: what is live at what weight, where it stands, why it does not move, what ends the wait and when.
 * Plain text that reads the same on screen, in the terminal, in the record and in a message.
 */
export function sentence(reason: WaitReason, facts: SentenceFacts): string {
  return `${whatIsLive(facts)} ${whereItStands(facts)}${because(reason, facts)}`;
}

/** "fraud-scorer 3.2.0 takes 25 % of production." */
export function whatIsLive(facts: SentenceFacts): string {
  const candidate = `${facts.modelName} ${facts.versionName}`;
  switch (facts.state) {
    case "DRAFT":
    case "PENDING_APPROVAL":
    case "APPROVED":
    case "PROVISIONING":
    case "WARMING":
      return `${candidate} is not live yet; ${facts.stableVersionName} serves all of ${facts.environmentName}.`;
    case "SHADOWING":
      return `${candidate} sees a copy of the traffic; ${facts.stableVersionName} answers all of ${facts.environmentName}.`;
    case "STEP_ACTIVE":
    case "HOLDING":
    case "AWAITING_GATE":
      return facts.weightBp === 0
        ? `${candidate} is ready at 0 %; ${facts.stableVersionName} answers all of ${facts.environmentName}.`
        : `${candidate} takes ${formatWeight(facts.weightBp)} of ${facts.environmentName}.`;
    case "PROMOTING":
    case "BAKING":
      return `${candidate} takes all of ${facts.environmentName}; ${facts.stableVersionName} stays loaded.`;
    case "COMPLETED":
      return `${candidate} is stable in ${facts.environmentName}.`;
    case "ROLLING_BACK":
      return `${facts.environmentName} goes back to ${facts.modelName} ${facts.stableVersionName}.`;
    default:
      return `${candidate} has no traffic.`;
  }
}

function whereItStands(facts: SentenceFacts): string {
  const step = facts.stepNumber === null ? "" : ` step ${facts.stepNumber} of ${facts.stepCount}`;
  const since = formatSeconds((facts.nowMs - facts.stateSinceMs) / 1000);
  switch (facts.state) {
    case "STEP_ACTIVE":
      return step === "" ? "" : `${step.trim().replace("step", "Step")}: `;
    case "HOLDING":
      return `Holding at${step} for ${since}: `;
    case "AWAITING_GATE":
      return step === ""
        ? `Waiting after the mirroring for ${since}: `
        : `Waiting at the gate of${step} for ${since}: `;
    default:
      return "";
  }
}

const inSeconds = (untilMs: number, facts: SentenceFacts) =>
  formatSeconds((untilMs - facts.nowMs) / 1000);

const upper = (text: string) => text.charAt(0).toUpperCase() + text.slice(1);

/** Continues after a colon in steps, stands alone elsewhere; so it begins with a capital only outside of steps. */
function because(reason: WaitReason, facts: SentenceFacts): string {
  const text = cause(reason, facts);
  const follows =
    facts.state === "HOLDING" || facts.state === "AWAITING_GATE" || facts.state === "STEP_ACTIVE";
  return follows ? text : upper(text);
}

function cause(reason: WaitReason, facts: SentenceFacts): string {
  switch (reason.code) {
    case "shadowing":
    case "minimum_dwell":
    case "scheduled":
    case "held_by":
    case "timed_out":
    case "awaiting_gate":
    case "baking":
    case "drilling":
    case "ready":
    case "ended":
      return onTime(reason, facts);
    default:
      return otherCause(reason, facts);
  }
}

type TimeReason = Parameters<typeof onTime>[0];

function otherCause(reason: Exclude<WaitReason, TimeReason>, facts: SentenceFacts): string {
  switch (reason.code) {
    case "not_submitted":
    case "awaiting_approval":
    case "evidence_changed":
    case "checklist_open":
    case "awaiting_start":
    case "change_freeze":
    case "endpoint_busy":
    case "stable_changed":
      return beforeStart(reason, facts);
    case "no_runtime":
    case "loading":
    case "warming":
    case "awaiting_runtimes":
    case "promoting":
    case "rolling_back":
    case "runtime_unreachable":
    case "awaiting_smoke_test":
      return onRuntimes(reason, facts);
    default:
      return onEvidence(reason, facts);
  }
}

type ReasonOf<C extends WaitReason["code"]> = Extract<WaitReason, { code: C }>;

function beforeStart(
  reason: ReasonOf<
    | "not_submitted"
    | "awaiting_approval"
    | "evidence_changed"
    | "checklist_open"
    | "awaiting_start"
    | "change_freeze"
    | "endpoint_busy"
    | "stable_changed"
  >,
  facts: SentenceFacts,
): string {
  switch (reason.code) {
    case "not_submitted":
      return "the draft has not been submitted.";
    case "awaiting_approval": {
      const missing = Math.max(0, reason.need - reason.have);
      const roles = reason.missingRoles ?? [];
      const among = roles.length === 0 ? "" : ` Among them must be one of each: ${formatList(roles.map((role) => role.replaceAll("_", " ")))}.`;
      if (missing === 0 && roles.length > 0) return `an approval as ${formatList(roles.map((role) => role.replaceAll("_", " ")))} is missing, ${reason.have} given.`;
      return `${formatNoun(missing, "approval is", "approvals are")} missing, ${reason.have} of ${reason.need} given.${among}`;
    }
    case "evidence_changed":
      return `plan, evidence or runtime configuration changed after signing: ${formatNoun(reason.voided, "approval is", "approvals are")} void, ${reason.have} of ${reason.need} given anew.`;
    case "checklist_open":
      return `${formatNoun(reason.items.length, "checklist item is", "checklist items are")} open: ${formatList(reason.items)}.`;
    case "awaiting_start":
      return "approved; an engineer starts it.";
    case "change_freeze":
      return `change freeze "${reason.name}" until ${formatMoment(reason.untilMs)}, ${inSeconds(reason.untilMs, facts)} from now.`;
    case "endpoint_busy":
      return "another release of this endpoint is not over; this one can start after it.";
    case "stable_changed":
      return "the endpoint serves another version by now than the one this release was made to replace. Make a new release.";
  }
}

function onRuntimes(
  reason: ReasonOf<
    | "no_runtime"
    | "loading"
    | "warming"
    | "awaiting_runtimes"
    | "promoting"
    | "rolling_back"
    | "runtime_unreachable"
    | "awaiting_smoke_test"
  >,
  facts: SentenceFacts,
): string {
  switch (reason.code) {
    case "no_runtime":
      return "no runtime is connected.";
    case "loading":
      return `loaded on ${reason.ready} of ${formatNoun(reason.total, "runtime", "runtimes")}; given up in ${inSeconds(reason.limitMs, facts)}.`;
    case "warming":
      return `warm on ${reason.ready} of ${formatNoun(reason.total, "runtime", "runtimes")}; given up in ${inSeconds(reason.limitMs, facts)}.`;
    case "awaiting_runtimes":
      return reason.names.length === 0
        ? "waiting until the candidate is ready on every runtime."
        : `${reason.confirmed} of ${formatNoun(reason.total, "runtime routes", "runtimes route")} by this step; waiting for ${formatList(reason.names)}.`;
    case "promoting":
      return `${reason.confirmed} of ${formatNoun(reason.total, "runtime has", "runtimes have")} confirmed; waiting for ${formatList(reason.names)}.`;
    case "rolling_back":
      return `${reason.confirmed} of ${formatNoun(reason.total, "runtime has", "runtimes have")} confirmed; waiting for ${formatList(reason.names)}.`;
    case "awaiting_smoke_test":
      return "golden inputs are asked through the preview on every runtime.";
    case "runtime_unreachable":
      return `no contact with ${formatList(reason.names)}. The release goes on when it answers; the candidate loses its weight if it stays silent.`;
  }
}

/** What the person at the gate decides about. */
function gateQuestion({ stepNumber, weightBp, stepCount }: SentenceFacts): string {
  if (stepNumber === null && stepCount === 0)
    return "a person decides whether it goes live or ends here";
  if (stepNumber === null)
    return "a person decides whether the candidate gets traffic or the challenger ends here";
  return weightBp === 0
    ? "a person switches all traffic to it, or stops"
    : "a person decides about the next step";
}

function onTime(
  reason: ReasonOf<
    | "shadowing"
    | "minimum_dwell"
    | "scheduled"
    | "held_by"
    | "timed_out"
    | "awaiting_gate"
    | "baking"
    | "drilling"
    | "ready"
    | "ended"
  >,
  facts: SentenceFacts,
): string {
  switch (reason.code) {
    case "shadowing":
      return reason.untilMs === null
        ? "waiting for every runtime."
        : `shadowing for another ${inSeconds(reason.untilMs, facts)}.`;
    case "scheduled":
      return `starts ${formatMoment(reason.untilMs)}, ${inSeconds(reason.untilMs, facts)} from now.`;
    case "drilling":
      return `the drill's fault is in force; something must stop it within ${inSeconds(reason.untilMs, facts)}.`;
    case "minimum_dwell":
      return `minimum time at this step, ${inSeconds(reason.untilMs, facts)} left.`;
    case "held_by": {
      const note =
        reason.note === null || reason.note.trim() === "" ? "" : ` "${reason.note.trim()}"`;
      return `held by ${facts.personName ?? "a person"}.${note}`;
    }
    case "timed_out":
      return `still undecided after ${formatSeconds(reason.limitSeconds)}. A person decides: resume, promote or roll back.`;
    case "awaiting_gate":
      return `${gateQuestion(facts)}, within ${inSeconds(reason.untilMs, facts)}.`;
    case "baking":
      return `baking for another ${inSeconds(reason.untilMs, facts)}; roll back takes one message.`;
    case "ready":
      return "the next step begins.";
    case "ended":
      return "nothing is waiting.";
  }
}
