import type { WaitView } from "#lib/contracts/views/release-view.ts";
import { decide } from "#lib/domain/release/decide.ts";
import type { Observation } from "#lib/domain/release/observation.ts";
import { releaseWeightBp } from "#lib/domain/release/release.ts";
import { sentence } from "#lib/domain/release/sentence.ts";
import { isEnd } from "#lib/domain/release/states.ts";
import { endedBy, type WaitReason } from "#lib/domain/release/wait-reason.ts";
import type { DecisionRecord, ReleaseRecord } from "../../db/release-repository.ts";

const CONTROLLER_ROUND_MS = 1000;

/** Why it does not move at this moment; `ready` when the controller is about to move it. */
export function waitReasonOf(record: ReleaseRecord, observation: Observation, now: Date): WaitReason {
  const decision = decide(record.release, observation, now.getTime());
  return decision.kind === "stay" ? decision.wait : { code: "ready" };
}

function endsAtMs(reason: WaitReason, nowMs: number): number | null {
  if ("untilMs" in reason && reason.untilMs !== null) return reason.untilMs;
  if ("limitMs" in reason) return reason.limitMs;
  if ("etaSeconds" in reason && reason.etaSeconds !== null) return nowMs + reason.etaSeconds * 1000;
  return null;
}

export function waitView(record: ReleaseRecord, reason: WaitReason, now: Date): WaitView | null {
  if (isEnd(record.release.state)) return null;
  const endsAt = endsAtMs(reason, now.getTime());
  return {
    code: reason.code,
    endedBy: endedBy(reason),
    endsAt: endsAt === null ? null : new Date(endsAt).toISOString(),
    nextCheckAt: new Date(now.getTime() + CONTROLLER_ROUND_MS).toISOString(),
  };
}

/** The one sentence about a release under way, the same on page, list, inbox, terminal and message. */
export function sentenceOf(record: ReleaseRecord, reason: WaitReason, now: Date, heldBy: string | null): string {
  const { release } = record;
  return sentence(reason, {
    modelName: record.modelName,
    versionName: record.candidateName,
    stableVersionName: record.stableName,
    environmentName: record.environmentName,
    state: release.state,
    weightBp: releaseWeightBp(release),
    stepNumber: release.stepIndex === null ? null : release.stepIndex + 1,
    stepCount: release.plan.steps.length,
    stateSinceMs: release.stateSinceMs,
    nowMs: now.getTime(),
    personName: heldBy,
  });
}

const ENDING = new Set(["ROLLING_BACK", "ABORTED", "REJECTED", "EXPIRED", "CANCELLED", "SUPERSEDED", "DEPRECATED", "ROLLED_BACK", "COMPLETED", "PROMOTING"]);

/** How it ended, from the record's own decisions: why it was stopped, then how the stop went. */
export function outcomeSentence(decisions: readonly DecisionRecord[]): string | null {
  const ending = decisions.filter(({ toState, fromState }) => ENDING.has(toState) && toState !== fromState);
  const said = ending.slice(-2).filter((decision) => decision.toState !== "PROMOTING" || ending.at(-1) === decision);
  return said.length === 0 ? null : said.map(({ sentence: text }) => text).join(" ");
}
