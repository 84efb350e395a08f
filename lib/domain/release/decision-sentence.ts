import type { BakeReport } from "./bake.ts";
import type { DecisionDraft } from "./effect.ts";
import type { GuardReport } from "./guard-report.ts";
import { metricName } from "./labels.ts";
import { crossedDetail, guardsPastLimit, type VerdictReport } from "./verdict.ts";
import { formatCount, formatNoun, formatRatio, formatShare, formatWeight } from "./wording.ts";

/** Names and grounds for the record's sentence about one move. */
export type DecisionFacts = {
  readonly modelName: string;
  readonly versionName: string;
  readonly stableVersionName: string;
  readonly personName: string | null;
  readonly verdict: VerdictReport | null;
  readonly bake: BakeReport | null;
  /** Runtimes that were given up, by name. */
  readonly fencedNames: readonly string[];
  /** From the order to the last confirmation; null while not over. */
  readonly rollbackMs: number | null;
};

/** What was done, on what numbers, in one or two sentences. Written once, into the record, and shown as it is. */
export function decisionSentence(decision: DecisionDraft, facts: DecisionFacts): string {
  if (decision.to === "ROLLING_BACK") return rollbackSentence(decision, facts);
  if (decision.to === "ABORTED" && decision.event !== "finish_rollback")
    return abortSentence(decision, facts);
  switch (decision.event) {
    case "enter_step":
      return enterSentence(decision, facts);
    case "pass_gate":
      return passedSentence(decision, facts);
    case "promote":
      return `Promoted ${facts.versionName} from ${formatWeight(decision.weightBpBefore)} to stable${groundsOf(facts)}; ${facts.stableVersionName} stays loaded.`;
    case "promote_now":
      return `${who(facts)} promoted ${facts.versionName} at ${formatWeight(decision.weightBpBefore)} by signed override${undecidedOf(facts)}${because(decision)}`;
    case "suspend":
      return `Held at ${formatWeight(decision.weightBpBefore)}${heldFor(facts)}.`;
    case "hold":
      return `${who(facts)} held the release at ${formatWeight(decision.weightBpBefore)}${because(decision)}`;
    case "finish_rollback":
      return decision.to === "DEPRECATED"
        ? `The copy of the traffic has stopped on every runtime${tookTime(facts)}; ${facts.versionName} is no challenger any more.`
        : finishSentence(facts);
    case "bake":
      return `Every runtime serves ${facts.versionName}${given(facts)}. Watched against the rates before the release.`;
    case "complete":
      return `Completed: ${facts.versionName} stayed within its limits against the rates before the release${bakeRequests(facts)}.`;
    default:
      return plainSentence(decision, facts);
  }
}

const who = (facts: DecisionFacts) => facts.personName ?? "A person";
const because = ({ reason }: DecisionDraft) =>
  reason === null || reason.trim() === "" ? "." : `: ${reason.trim()}`;

function plainSentence(decision: DecisionDraft, facts: DecisionFacts): string {
  const version = facts.versionName;
  switch (decision.event) {
    case "submit":
      return `${who(facts)} submitted the release of ${version} for approval.`;
    case "approve":
      return `${who(facts)} approved${because(decision)}`;
    case "reject":
      return `${who(facts)} rejected the release${because(decision)}`;
    case "cancel":
      return `${who(facts)} cancelled the release${because(decision)}`;
    case "start":
      return `${who(facts)} started the release of ${version}.`;
    case "start_by_plan":
      return `The release of ${version} started by its plan.`;
    case "resume":
      return `${who(facts)} resumed the release${because(decision)}`;
    case "supersede":
      return `A newer release takes the place of ${version}.`;
    case "void_approvals":
      return "Plan or evidence changed after signing: approvals are void.";
    case "expire":
      return "The release expired before it was started.";
    case "all_loaded":
      return `${version} is loaded on every runtime.`;
    case "change_plan":
      return `${who(facts)} changed the plan${because(decision)}`;
    case "begin_shadow":
      return `${version} now gets a copy of the traffic.`;
    case "end_hold":
      return "The cause of the hold is gone; the step goes on.";
    case "open_gate":
      if (decision.from === "SHADOWING")
        return `Mirrored long enough${pairedGrounds(facts)}: a person decides.`;
      if (decision.weightBpBefore === 0)
        return `${version} is ready at 0 % and its golden inputs are answered as before: a person switches.`;
      return `Waits for a person at ${formatWeight(decision.weightBpBefore)}; nothing is past its limit.`;
    case "release_previous":
      return `${facts.stableVersionName} may be unloaded; going back takes a new release from here on.`;
    default:
      return `${decision.event}: ${decision.from} to ${decision.to}.`;
  }
}

function enterSentence(decision: DecisionDraft, facts: DecisionFacts): string {
  const to = formatWeight(decision.weightBpAfter);
  if (decision.weightBpBefore === 0) return `Step 1 began: ${to} to ${facts.versionName}.`;
  return `Advanced from ${formatWeight(decision.weightBpBefore)} to ${to}${groundsOf(facts)}.`;
}

/** On what the advance rests: proof, or only that nothing was past its limit. */
function groundsOf({ verdict }: DecisionFacts): string {
  if (verdict === null) return "";
  const { have } = verdict.stepUnits;
  const units = `after ${formatCount(have)} ${verdict.unitWord} at this step`;
  const open = verdict.guards.filter((guard) => guard.provesSafe && guard.word !== "SAFE").length;
  return open === 0
    ? `: every guard proven within its limit, ${units}`
    : `: nothing past its limit, ${formatNoun(open, "guard", "guards")} undecided, ${units}`;
}

function undecidedOf({ verdict }: DecisionFacts): string {
  const open = (verdict?.guards ?? [])
    .filter((guard) => guard.word !== "SAFE")
    .map(({ metric }) => metricName(metric));
  return open.length === 0 ? "" : ` with ${open.join(", ")} undecided`;
}

function heldFor({ verdict }: DecisionFacts): string {
  if (verdict === null) return "";
  if (verdict.invalidReasons.length > 0)
    return `: ${verdict.invalidReasons.join(" ").replace(/\.$/, "")}`;
  const past = verdict.guards
    .filter((guard) => guard.word === "HARM")
    .map(({ metric }) => metricName(metric));
  if (verdict.predictions?.word === "HARM") past.push(metricName("predictions"));
  if (past.length > 0) return `: past its limit: ${past.join(", ")}`;
  if (verdict.blindSeconds !== null) return ": no report from the runtimes";
  const open = verdict.guards.filter((guard) => guard.provesSafe && guard.word !== "SAFE");
  return open.length === 0
    ? ""
    : `: undecided: ${open.map(({ metric }) => metricName(metric)).join(", ")}`;
}

function rollbackSentence(decision: DecisionDraft, facts: DecisionFacts): string {
  const at = formatWeight(decision.weightBpBefore);
  switch (decision.rollbackCause) {
    case "harm":
      return `Rolled back by its own metrics at ${at}: ${harm(facts)}`;
    case "bake_harm":
      return `Rolled back after promotion: ${bakeHarm(facts)}`;
    case "person":
      return `${who(facts)} rolled back to ${facts.stableVersionName} at ${at}${because(decision)}`;
    case "superseded":
      return `Rolled back at ${at}: a newer release takes the endpoint.`;
    case "trigger":
      return `Rolled back at ${at} by a trigger declared in advance: ${crossed(facts)}.`;
    case "outcome":
      return `Rolled back at ${at} by its outcome: ${crossed(facts)}.`;
    case "deprecated":
      return decision.by.kind === "person"
        ? `${who(facts)} ended the challenger${pairedGrounds(facts)}${because(decision)}`
        : `The comparison is over${pairedGrounds(facts)}; the challenger ends as planned.`;
    default:
      return `Rolled back at ${at}${because(decision)}`;
  }
}

/** "agreement 97.2 % of 4,310 keys (limit 95.0 %)", with what else was found. */
function pairedGrounds({ verdict }: DecisionFacts): string {
  const paired = verdict?.paired;
  if (paired === undefined || paired.agreement === null) return ", without a pair of answers";
  const word = {
    SAFE: "proven",
    HARM: "proven below it",
    UNDECIDED: "undecided",
    NO_DATA: "unknown",
  };
  return `, agreement ${formatShare(paired.agreement)} of ${formatCount(paired.units)} ${paired.unitWord} (limit ${formatShare(paired.minAgreement)}, ${word[paired.word]})`;
}

/** Everything that is past what was declared, in words. */
function crossed({ verdict }: DecisionFacts): string {
  if (verdict === null) return "a limit declared in advance";
  const past = guardsPastLimit(verdict, []);
  return past
    .map(
      ({ metric }) => `${metricName(metric)} ${crossedDetail(verdict, metric) ?? "past its limit"}`,
    )
    .join("; ");
}

function passedSentence(decision: DecisionDraft, facts: DecisionFacts): string {
  if (decision.from === "BAKING")
    return `${who(facts)} ended the watch after promotion${because(decision)}`;
  if (decision.weightBpBefore > 0)
    return `${who(facts)} passed the gate at ${formatWeight(decision.weightBpBefore)}${because(decision)}`;
  return decision.to === "PROMOTING"
    ? `${who(facts)} switched all traffic from ${facts.stableVersionName} to ${facts.versionName}${because(decision)}`
    : `${who(facts)} let ${facts.versionName} go on after the mirroring${because(decision)}`;
}

const abortSentence = (decision: DecisionDraft, facts: DecisionFacts): string =>
  decision.rollbackCause === "challenger_failing"
    ? `Stopped while its answers reached nobody: ${crossed(facts)}.`
    : decision.rollbackCause === "person"
      ? `${who(facts)} stopped the release before ${facts.versionName} had any traffic${because(decision)}`
      : `Stopped before ${facts.versionName} had any traffic${because(decision)}`;

/** "wrong labels 21.4 % against 3.1 % on 1.0.0 (at least 4.2 times as many, limit 2), after 1,204 requests." */
function harm(facts: DecisionFacts): string {
  const { verdict, stableVersionName } = facts;
  const guards = (verdict?.guards ?? []).filter((guard) => guard.word === "HARM");
  const parts = guards.map((guard) => guardPart(guard, stableVersionName));
  if (verdict?.predictions?.word === "HARM")
    parts.push("prediction shares past the declared margin");
  if (parts.length === 0) return `${crossed(facts)}.`;
  const requests = guards[0]?.candidate.of;
  const basis = guards[0]?.metric === "wrongLabel" ? "labelled answers" : "requests";
  const after =
    requests === undefined ? "" : `, after ${formatCount(requests)} ${basis} of the candidate`;
  return `${parts.join("; ")}${after}.`;
}

function guardPart(guard: GuardReport, stableVersionName: string): string {
  const rate = (share: number | null) => (share === null ? "unknown" : formatShare(share));
  const name = guard.metric.startsWith("latency")
    ? `answers slower than stable's ${guard.metric === "latencyP95" ? "p95" : "p99"}`
    : metricName(guard.metric);
  return `${name} ${rate(guard.candidate.rate)} against ${rate(guard.stable.rate)} on ${stableVersionName} (at least ${formatRatio(guard.band.lower)} times, limit ${formatRatio(guard.limitRatio)})`;
}

function bakeHarm({ bake, versionName }: DecisionFacts): string {
  const past = (bake?.guards ?? []).filter((guard) => guard.word === "HARM");
  const parts = past.map(
    (guard) =>
      `${metricName(guard.metric)} ${formatShare(guard.rate ?? 0)} on ${versionName}, limit ${formatShare(guard.limitRate ?? 0)} from before the release`,
  );
  return `${parts.join("; ")}.`;
}

const given = ({ fencedNames }: DecisionFacts) =>
  fencedNames.length === 0 ? "" : `, except ${fencedNames.join(", ")}, which never answered`;

function bakeRequests({ bake }: DecisionFacts): string {
  return bake === null ? "" : `, over ${formatNoun(bake.requests, "request", "requests")}`;
}

const tookTime = ({ rollbackMs }: DecisionFacts): string =>
  rollbackMs === null ? "" : ` in ${formatTime(rollbackMs)}`;

function finishSentence(facts: DecisionFacts): string {
  const time = tookTime(facts);
  const fenced =
    facts.fencedNames.length === 0
      ? ""
      : ` ${facts.fencedNames.join(", ")} never answered and serves stable by the dead-man rule.`;
  return `Back on ${facts.stableVersionName}${time}.${fenced}`;
}

const formatTime = (ms: number) =>
  ms < 10_000 ? `${(ms / 1000).toFixed(2)} s` : `${Math.round(ms / 1000)} s`;
