import { metricName, metricVerb } from "./labels.ts";
import type { ReleaseState } from "./states.ts";
import type { WaitReason } from "./wait-reason.ts";
import {
  formatCount,
  formatList,
  formatMoment,
  formatNoun,
  formatRatio,
  formatSeconds,
  formatShare,
  formatWeight,
} from "./wording.ts";

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
      return `${candidate} takes ${formatWeight(facts.weightBp)} of ${facts.environmentName}.`;
    case "PROMOTING":
    case "BAKING":
      return `${candidate} takes all of ${facts.environmentName}; ${facts.stableVersionName} stays loaded.`;
    case "COMPLETED":
      return `${candidate} is stable in ${facts.environmentName}.`;
    case "ROLLING_BACK":
      return `${facts.environmentName} goes back to ${facts.modelName} ${facts.stableVersionName}.`;
    case "ROLLED_BACK":
    case "ABORTED":
    case "SUPERSEDED":
    case "REJECTED":
    case "EXPIRED":
    case "CANCELLED":
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
      return `Waiting at the gate of${step} for ${since}: `;
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
    case "held_by":
    case "timed_out":
    case "awaiting_gate":
    case "baking":
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
      const missing = reason.need - reason.have;
      return `${formatNoun(missing, "approval is", "approvals are")} missing, ${reason.have} of ${reason.need} given.`;
    }
    case "evidence_changed":
      return `plan or evidence changed after signing: ${formatNoun(reason.voided, "approval is", "approvals are")} void and needed again.`;
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
    case "runtime_unreachable":
      return `no contact with ${formatList(reason.names)}. The release goes on when it answers; the candidate loses its weight if it stays silent.`;
  }
}

function onEvidence(
  reason: Exclude<
    WaitReason,
    TimeReason | Parameters<typeof beforeStart>[0] | Parameters<typeof onRuntimes>[0]
  >,
  facts: SentenceFacts,
): string {
  switch (reason.code) {
    case "awaiting_reference":
      return `stable's latency before the release is not known yet: needs ${formatCount(reason.need)} answered requests.`;
    case "awaiting_samples": {
      const eta =
        reason.etaSeconds === null
          ? ""
          : `, about ${formatSeconds(reason.etaSeconds)} at the present rate`;
      return `${formatCount(reason.have)} of ${formatCount(reason.need)} ${reason.unitWord} served by the candidate${eta}.`;
    }
    case "undecided":
      return undecided(reason);
    case "awaiting_labels":
      return "wrong labels are undecided: no true label has been reported for both versions yet.";
    case "limit_crossed": {
      const ratio = reason.ratio === null ? "" : ` at ${formatRatio(reason.ratio)} times stable`;
      return `${metricName(reason.metric)} ${metricVerb(reason.metric)} past the limit${ratio}, limit ${formatRatio(reason.limitRatio)}. A person decides: resume accepts it, or roll back.`;
    }
    case "split_mismatch": {
      const observed = reason.units === 0 ? 0 : reason.candidateUnits / reason.units;
      return `the traffic split is wrong: planned ${formatWeight(reason.plannedShareBp)}, observed ${formatShare(observed)} of ${formatCount(reason.units)} keys. Evidence is void; roll back or repair the routing.`;
    }
    case "invalid_evidence":
      return `the evidence is void: ${reason.reasons.join(" ")} Roll back, or promote by signed override.`;
    case "no_data":
      return `no report from the runtimes for ${formatSeconds(reason.seconds)}. After ${formatSeconds(reason.limitSeconds)} the candidate loses its weight.`;
    case "stable_unhealthy":
      return `${facts.stableVersionName} itself fails more than before the release. Nothing is promoted, and the candidate is not blamed.`;
  }
}

function onTime(
  reason: ReasonOf<
    | "shadowing"
    | "minimum_dwell"
    | "held_by"
    | "timed_out"
    | "awaiting_gate"
    | "baking"
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
      return `a person decides about the next step, within ${inSeconds(reason.untilMs, facts)}.`;
    case "baking":
      return `baking for another ${inSeconds(reason.untilMs, facts)}; roll back takes one message.`;
    case "ready":
      return "the next step begins.";
    case "ended":
      return "nothing is waiting.";
  }
}

function undecided(reason: ReasonOf<"undecided">): string {
  const others = reason.undecidedGuards - 1;
  const more = others > 0 ? ` (and ${formatNoun(others, "other guard", "other guards")})` : "";
  const band = `band ${formatRatio(reason.lower)} to ${reason.upper === null ? "open" : formatRatio(reason.upper)}`;
  const ratio =
    reason.ratio === null
      ? `${upper(band)}`
      : `Candidate is at ${formatRatio(reason.ratio)} times stable (${band})`;
  const wait =
    reason.etaSeconds === null || reason.unitsStillNeeded === null
      ? "At the present rate no time can be told."
      : `About ${formatCount(reason.unitsStillNeeded)} more ${reason.unitWord}, ${formatSeconds(reason.etaSeconds)} at the present rate, will settle it.`;
  return `${metricName(reason.metric)} ${metricVerb(reason.metric)} undecided${more}. ${ratio}, limit ${formatRatio(reason.limitRatio)}. ${wait}`;
}
