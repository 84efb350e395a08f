import type { AuditAction } from "#lib/domain/audit/actions.ts";
import type { JsonObject } from "#lib/domain/audit/canonical-json.ts";
import type { AuditDraft } from "#lib/domain/audit/leaf.ts";
import type { DecisionDraft, Effect } from "#lib/domain/release/effect.ts";
import type { EventName } from "#lib/domain/release/machine.ts";
import type { ReleaseState } from "#lib/domain/release/states.ts";
import type { Move } from "#lib/domain/release/move.ts";
import type { RouteTable } from "#lib/domain/routing/route-table.ts";
import { canonicalJson } from "#lib/domain/audit/canonical-json.ts";
import { asJson } from "../content-digest.ts";
import type { ReleaseOutcome, ReleaseRecord } from "../db/release-repository.ts";
import { incidentOfRollback } from "../incidents/incident-of-rollback.ts";
import { preserveEvidence } from "../incidents/preserve-evidence.ts";
import { newId } from "../new-id.ts";
import type { UnitOfWork } from "../ports.ts";
import { recordMoveFacts } from "../governance/facts/release-facts.ts";
import { ENGINE_VERSION } from "./engine-version.ts";
import { releaseTargets } from "./release-targets.ts";

/** What the move was decided from; stored with the decision so that it can be recomputed. */
export type Grounds = {
  readonly verdict: string;
  readonly sentence: string;
  readonly report: unknown;
  readonly counts: unknown;
};

type Applied = { readonly audit: readonly [AuditDraft, ...AuditDraft[]]; readonly forceCheckpoint: boolean };

const ACTIONS: Readonly<Record<EventName, AuditAction>> = {
  submit: "release.submitted",
  approve: "release.approved",
  reject: "release.rejected",
  cancel: "release.cancelled",
  start: "release.started",
  hold: "release.held",
  resume: "release.resumed",
  pass_gate: "release.gate_passed",
  promote_now: "release.promotion_ordered",
  roll_back: "release.rollback_ordered",
  deprecate: "release.rollback_ordered",
  change_plan: "release.plan_changed",
  supersede: "release.superseded",
  void_approvals: "approval.voided",
  expire: "release.expired",
  start_by_plan: "release.started",
  all_loaded: "release.provisioned",
  begin_shadow: "release.shadowing_started",
  conclude: "release.rollback_ordered",
  enter_step: "release.step_entered",
  suspend: "release.held",
  end_hold: "release.resumed",
  open_gate: "release.gate_reached",
  promote: "release.promotion_ordered",
  bake: "release.promoted",
  complete: "release.completed",
  release_previous: "release.previous_released",
  abort: "release.aborted",
  fall_back: "release.rollback_ordered",
  finish_rollback: "release.rolled_back",
};

/** Where the end of the move says more than its event. */
function actionOf({ event, to }: Pick<DecisionDraft, "event" | "to">): AuditAction {
  if (to === "ABORTED") return "release.aborted";
  if (to === "SUPERSEDED") return "release.superseded";
  if (to === "DEPRECATED") return "release.challenger_deprecated";
  return ACTIONS[event];
}

/** A reviewer who holds the checkpoint right after one of these can prove it was not added later. */
const FORCED: ReadonlySet<AuditAction> = new Set<AuditAction>([
  "release.approved",
  "release.rejected",
  "release.promotion_ordered",
  "release.promoted",
  "release.rollback_ordered",
  "release.rolled_back",
  "release.gate_passed",
]);

export { releaseTargets } from "./release-targets.ts";

type Scene = { readonly tx: UnitOfWork; readonly record: ReleaseRecord; readonly actorName: string };

async function changeRoute({ tx, record, actorName }: Scene, table: RouteTable, next: Move["release"]): Promise<AuditDraft> {
  const before = await tx.endpoints.currentRoute(table.endpointId);
  const epoch = await tx.endpoints.appendRoute({
    id: newId(),
    endpointId: table.endpointId,
    epoch: table.epoch,
    salt: table.salt,
    releaseId: table.releaseId,
    arms: table.arms,
    latencyThresholdsUs: next.reference?.latencyThresholdsUs ?? null,
    leaseSeconds: table.leaseSeconds,
    cause: table.cause,
    actor: actorName,
  });
  return {
    action: "route.changed",
    targets: releaseTargets(record),
    before: before ? { epoch: before.epoch, arms: asJson(before.arms) } : null,
    after: { epoch, arms: asJson(table.arms), cause: table.cause },
  };
}

const TAKEN_OVER = "Another release took the endpoint while it was kept warm as a way back.";

/** Versions that were kept warm as a way back leave with the first table of the next release; so does the one that comes again as its candidate. */
async function endWarmDeployments(scene: Scene, next: Move["release"]): Promise<AuditDraft[]> {
  const here = await scene.tx.endpoints.openDeployments(next.endpointId);
  const drafts: AuditDraft[] = [];
  for (const { versionId } of here) {
    if (versionId !== next.stableVersionId) drafts.push(...(await endDeployment(scene, versionId, TAKEN_OVER)));
  }
  return drafts;
}

/** Loads the candidate everywhere at weight 0, under an epoch of its own. */
async function provision(scene: Scene, versionId: string, next: Move["release"]): Promise<AuditDraft[]> {
  const { tx, record, actorName } = scene;
  const ended = await endWarmDeployments(scene, next);
  const current = await tx.endpoints.currentRoute(next.endpointId);
  const deploymentId = newId();
  await tx.endpoints.startDeployment({
    id: deploymentId,
    endpointId: next.endpointId,
    versionId,
    releaseId: next.id,
    startedBy: actorName,
  });
  const route = await changeRoute(
    scene,
    {
      endpointId: next.endpointId,
      epoch: (current?.epoch ?? 0) + 1,
      salt: next.salt,
      releaseId: next.id,
      arms: [
        { versionId: next.stableVersionId, arm: "stable", weightBp: 10_000 },
        { versionId, arm: "candidate", weightBp: 0 },
      ],
      leaseSeconds: null,
      cause: "provision",
    },
    next,
  );
  const started: AuditDraft = {
    action: "deployment.started",
    targets: [{ type: "deployment", id: deploymentId, name: null, digest: null }, ...releaseTargets(record)],
    after: { arm: "candidate", weightBp: 0 },
  };
  return [...ended, started, route];
}

async function endDeployment({ tx, record, actorName }: Scene, versionId: string, endReason: string): Promise<AuditDraft[]> {
  const ended = await tx.endpoints.endDeployment({ endpointId: record.release.endpointId, versionId, endedBy: actorName, endReason });
  return ended ? [{ action: "deployment.ended", targets: releaseTargets(record), reason: endReason, after: { versionId } }] : [];
}

const endReasonOf = (state: ReleaseState): string =>
  state === "COMPLETED" ? "Replaced, and its time as a way back is over." : "Taken off by a roll back or abort.";

async function applyEffect(scene: Scene, effect: Effect, next: Move["release"]): Promise<AuditDraft[]> {
  switch (effect.kind) {
    case "provision":
      return provision(scene, effect.versionId, next);
    case "route":
      return [await changeRoute(scene, effect.table, next)];
    case "relabel":
      await scene.tx.endpoints.setStableVersion(next.endpointId, effect.stableVersionId);
      return [];
    case "unload":
      return endDeployment(scene, effect.versionId, endReasonOf(next.state));
    case "preserve_evidence":
      return [await preserveEvidence(scene.tx, scene.record, preservedBefore(next), releaseTargets(scene.record))];
    case "record_decision":
    case "open_obligation":
    case "notify":
      return [];
  }
}

const preservedBefore = ({ rollback }: Move["release"]): string =>
  `Before release was ${rollback?.endsAs === "ABORTED" ? "aborted" : "rolled back"}: ${rollback?.cause ?? "unknown cause"}`;

/**
 * Carries out a move in the transaction it was decided in: route tables, deployments, labels, the decision with the bytes
 * it rests on, the release's next value. Answers the entries for the trail, the release's own entry first.
 */
export async function applyMove(
  scene: Scene,
  moved: Move,
  grounds: Grounds,
  outcome: ReleaseOutcome = {},
): Promise<Applied> {
  const { tx, record } = scene;
  const { release: next, effects } = moved;
  const decision = effects.find((effect) => effect.kind === "record_decision")?.decision;
  if (!decision) throw new Error(`The move ${moved.event} names no decision.`);

  const consequences: AuditDraft[] = [];
  for (const effect of effects) consequences.push(...(await applyEffect(scene, effect, next)));
  const decisionId = newId();
  const countsSha256 = await tx.releases.insertDecision({
    id: decisionId,
    releaseId: next.id,
    fromState: decision.from,
    toState: decision.to,
    stepIndex: next.stepIndex ?? record.release.stepIndex ?? 0,
    verdict: grounds.verdict,
    sentence: grounds.sentence,
    report: grounds.report,
    counts: canonicalJson(asJson(grounds.counts)),
    engineVersion: ENGINE_VERSION,
  });
  const opened = await incidentOfRollback(tx, record, decision, { sentence: grounds.sentence, at: new Date(next.stateSinceMs) });
  if (opened !== null) consequences.push(opened);
  const obligation = effects.find((effect) => effect.kind === "open_obligation");
  await tx.releases.saveRelease(record, next, {
    ...outcome,
    ...(obligation ? { reasonDueAt: new Date(obligation.dueAtMs).toISOString() } : {}),
  });

  const action = actionOf(decision);
  const before: JsonObject = { state: decision.from, weightBp: decision.weightBpBefore };
  const after: JsonObject = {
    state: decision.to,
    weightBp: decision.weightBpAfter,
    epoch: decision.epoch,
    stepIndex: next.stepIndex,
    rollbackCause: decision.rollbackCause,
    decisionId,
    countsSha256,
    sentence: grounds.sentence,
  };
  const entry: AuditDraft = { action, targets: releaseTargets(record), before, after, reason: decision.reason };
  const proven = await recordMoveFacts(tx, record, moved);
  return { audit: [entry, ...consequences, ...proven], forceCheckpoint: FORCED.has(action) };
}
