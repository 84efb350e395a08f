import { metricName, metricVerb } from "./labels.ts";
import type { SentenceFacts } from "./sentence.ts";
import type { WaitReason } from "./wait-reason.ts";
import {
  formatCount,
  formatNoun,
  formatRatio,
  formatSeconds,
  formatShare,
  formatWeight,
} from "./wording.ts";

type EvidenceCode =
  | "awaiting_reference"
  | "awaiting_samples"
  | "undecided"
  | "comparing"
  | "awaiting_outcome"
  | "no_reference"
  | "awaiting_labels"
  | "limit_crossed"
  | "split_mismatch"
  | "invalid_evidence"
  | "no_data"
  | "stable_unhealthy";
export type EvidenceReason = Extract<WaitReason, { code: EvidenceCode }>;

type ReasonOf<C extends WaitReason["code"]> = Extract<WaitReason, { code: C }>;

const upper = (text: string) => text.charAt(0).toUpperCase() + text.slice(1);

/** The part of the sentence that speaks of what was seen and what is still missing. */
export function onEvidence(reason: EvidenceReason, facts: SentenceFacts): string {
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
    case "comparing":
      return comparing(reason);
    case "awaiting_outcome":
      return awaitingOutcome(reason);
    case "no_reference":
      return "nothing is known of stable's rates before the release, so nothing can be compared with them. A person ends the watch: pass it, or roll back.";
    case "awaiting_labels":
      return "wrong labels are undecided: no true label has been reported for both versions yet.";
    case "limit_crossed": {
      const subject = `${metricName(reason.metric)} ${metricVerb(reason.metric)} past the limit`;
      const ratio = reason.ratio === null ? "" : ` at ${formatRatio(reason.ratio)} times stable`;
      const against = reason.detail ?? `limit ${formatRatio(reason.limitRatio)}`;
      return `${subject}${ratio}${reason.detail === undefined ? ", " : ": "}${against}. A person decides: resume accepts it, or roll back.`;
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

function comparing(reason: ReasonOf<"comparing">): string {
  const { have, need, agreement, unitWord } = reason;
  if (have < need) {
    const eta =
      reason.etaSeconds === null
        ? ""
        : `, settled in about ${formatSeconds(reason.etaSeconds)} at the present rate`;
    return `${formatCount(have)} of ${formatCount(need)} ${unitWord} answered by both versions${eta}.`;
  }
  const seen = agreement === null ? "unknown" : formatShare(agreement);
  const wait =
    reason.etaSeconds === null
      ? ""
      : ` About ${formatSeconds(reason.etaSeconds)} more at the present rate will settle it.`;
  return `agreement is undecided at ${seen} (band ${formatShare(reason.lower)} to ${formatShare(reason.upper)}), limit ${formatShare(reason.minAgreement)}.${wait}`;
}

function awaitingOutcome(reason: ReasonOf<"awaiting_outcome">): string {
  if (reason.have < reason.need)
    return `the outcome is undecided: ${formatCount(reason.have)} of ${formatCount(reason.need)} values reported for the smaller arm.`;
  const show = (value: number | null) =>
    value === null ? "open" : String(Number(value.toPrecision(3)));
  const band = `band ${show(reason.lower)} to ${show(reason.upper)}`;
  return reason.metric === "value"
    ? `not proven better yet. The candidate's mean value differs by ${show(reason.effect)} (${band}); 0 is no difference.`
    : `not proven better yet. Wrong labels are at ${show(reason.effect)} times stable (${band}); 1 is no difference.`;
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
