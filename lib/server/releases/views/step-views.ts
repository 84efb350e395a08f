import type { StepView, StepSnapshot } from "#lib/contracts/views/release-parts.ts";
import type { ActorRef } from "#lib/contracts/views/view-parts.ts";
import type { CanonicalCounts } from "#lib/domain/release/canonical-counts.ts";
import { candidateUnitsSince } from "#lib/domain/release/evidence.ts";
import type { Release } from "#lib/domain/release/release.ts";
import { mayHaveWeight } from "#lib/domain/release/states.ts";
import type { VerdictReport } from "#lib/domain/release/verdict.ts";
import { stepRule } from "#lib/domain/release/step-rule.ts";
import type { DecisionRecord } from "../../db/release-repository.ts";
import { guardLine } from "./guard-views.ts";

const isVerdict = (report: unknown): report is VerdictReport =>
  typeof report === "object" && report !== null && "format" in report && report.format === "slipway.verdict/1";

function snapshotOf(decision: DecisionRecord, by: ActorRef): StepSnapshot | null {
  if (!isVerdict(decision.report)) return null;
  const guards = decision.report.guards.map(guardLine);
  const having = (word: string) => guards.filter((guard) => guard.word === word).length;
  return {
    decisionId: decision.id,
    at: decision.at.toISOString(),
    candidateUnits: decision.report.stepUnits.have,
    guardsWithin: having("SAFE"),
    guardsPast: having("HARM"),
    guardsUndecided: having("UNDECIDED") + having("NO_DATA"),
    advancedBecause: decision.sentence,
    advancedBy: by,
    countsSha256: decision.countsSha256,
    guards,
  };
}

const POLICY: ActorRef = { kind: "policy", name: "Plan", role: null };

/** The spine: each step with its rule, its times and, once it is over, what was known when it ended. */
export function stepViews(input: {
  release: Release;
  decisions: readonly DecisionRecord[];
  counts: CanonicalCounts | null;
  unitWord: string;
  actorOf: (decision: DecisionRecord) => ActorRef;
}): StepView[] {
  const { release, decisions, counts, unitWord } = input;
  const entered = decisions.filter((decision) => decision.toState === "STEP_ACTIVE");
  const startOf = (index: number) => entered.find((decision) => decision.stepIndex === index)?.at ?? null;
  const leavers = decisions.filter(
    (decision) => decision.toState === "STEP_ACTIVE" || decision.toState === "PROMOTING" || decision.toState === "ROLLING_BACK",
  );
  const isRunning = mayHaveWeight(release.state) && release.stepIndex !== null;
  return release.plan.steps.map((step, index): StepView => {
    const startedAt = startOf(index);
    const left = startedAt
      ? leavers.find((decision) => decision.at > startedAt && (decision.stepIndex !== index || decision.toState !== "STEP_ACTIVE"))
      : undefined;
    const isNow = isRunning && release.stepIndex === index;
    const snapshot = left && !isNow ? snapshotOf(left, left.verdict === "NONE" ? POLICY : input.actorOf(left)) : null;
    return {
      index,
      weightBp: step.weightBp,
      phase: isNow ? "now" : startedAt ? "done" : "next",
      advance: step.advance,
      dwellSeconds: step.dwellSeconds,
      minUnits: step.minUnits,
      ruleText: stepRule(step, unitWord),
      startedAt: startedAt?.toISOString() ?? null,
      endedAt: isNow ? null : (left?.at.toISOString() ?? null),
      candidateUnits:
        isNow && counts && release.stepEpoch !== null ? candidateUnitsSince(counts, release.stepEpoch) : (snapshot?.candidateUnits ?? 0),
      snapshot,
    };
  });
}
