import type { RouteTable } from "#lib/domain/routing/route-table.ts";
import type { DecidedBy, Effect } from "./effect.ts";
import { isLegal, type EventName } from "./machine.ts";
import type { Observation } from "./observation.ts";
import { withLatencyFloor, type FrozenReference } from "./reference.ts";
import { releaseWeightBp, type Release, type Rollback, type RollbackCause } from "./release.ts";
import {
  completionTable,
  promotionTable,
  shadowTable,
  stableOnlyTable,
  stepTable,
} from "./routing.ts";
import { mayHaveWeight, type HoldReason, type ReleaseState } from "./states.ts";

/** A legal move with what it brings about. */
export type Move = {
  readonly event: EventName;
  readonly release: Release;
  readonly effects: readonly Effect[];
};

export type MoveContext = {
  readonly release: Release;
  readonly observation: Observation;
  readonly nowMs: number;
  readonly event: EventName;
  readonly by: DecidedBy;
  readonly reason?: string | null;
  readonly restsOnVerdict?: boolean;
};

type Change = Partial<Omit<Release, "id" | "state" | "stateSinceMs">>;

/** The one place where a state changes. A move outside the table is a fault of ours, so it throws. */
export function move(
  context: MoveContext,
  to: ReleaseState,
  change: Change,
  effects: readonly Effect[] = [],
): Move {
  const { release, event, nowMs, by } = context;
  if (!isLegal(release.state, event, to))
    throw new Error(`${event} may not lead from ${release.state} to ${to}`);
  const next: Release = {
    ...release,
    ...change,
    state: to,
    stateSinceMs: to === release.state ? release.stateSinceMs : nowMs,
    hold: to === "HOLDING" ? (change.hold ?? release.hold) : null,
  };
  const decision: Effect = {
    kind: "record_decision",
    decision: {
      event,
      from: release.state,
      to,
      by,
      reason: context.reason ?? null,
      rollbackCause:
        to === "ROLLING_BACK" || to === "ABORTED" ? (next.rollback?.cause ?? null) : null,
      weightBpBefore: releaseWeightBp(release),
      weightBpAfter: releaseWeightBp(next),
      epoch: next.epoch,
      restsOnVerdict: context.restsOnVerdict ?? false,
    },
  };
  return { event, release: next, effects: [...effects, decision] };
}

const route = (table: RouteTable): Effect => ({ kind: "route", table });

/** Load and warm the candidate everywhere. */
export function provision(context: MoveContext): Move {
  return move(context, "PROVISIONING", {}, [
    { kind: "provision", versionId: context.release.candidateVersionId },
  ]);
}

/** Taken once, before the candidate has weight; the plan's floor raises its thresholds. */
const frozenReference = ({ release, observation }: MoveContext): FrozenReference | null =>
  release.reference ?? withLatencyFloor(observation.reference, release.plan.latencyFloorUs);

/** The step's weight, under a new epoch. */
export function enterStep(context: MoveContext, index: number): Move {
  const { release, observation, nowMs } = context;
  const weightBp = release.plan.steps[index]?.weightBp ?? 0;
  const table = stepTable(release, observation, weightBp);
  const change: Change = {
    stepIndex: index,
    stepEpoch: table.epoch,
    stepSinceMs: nowMs,
    epoch: table.epoch,
    firstWeightEpoch: release.firstWeightEpoch ?? (weightBp > 0 ? table.epoch : null),
    reference: frozenReference(context),
  };
  return move(context, "STEP_ACTIVE", change, [route(table)]);
}

export function beginShadow(context: MoveContext, samplingBp: number): Move {
  const table = shadowTable(context.release, context.observation, samplingBp);
  const reference = frozenReference(context);
  return move(context, "SHADOWING", { epoch: table.epoch, reference }, [route(table)]);
}

/** Promotion by relabelling: names and weights change, nothing is deployed, the old version stays loaded. */
export function promote(context: MoveContext): Move {
  const { release, observation } = context;
  const table = promotionTable(release, observation);
  const change: Change = {
    stepIndex: null,
    stepEpoch: null,
    stepSinceMs: null,
    epoch: table.epoch,
    firstWeightEpoch: release.firstWeightEpoch ?? table.epoch,
    promotionEpoch: table.epoch,
    reference: frozenReference(context),
    isPreviousWarm: true,
  };
  const relabel: Effect = {
    kind: "relabel",
    stableVersionId: release.candidateVersionId,
    previousVersionId: release.stableVersionId,
  };
  return move(context, "PROMOTING", change, [route(table), relabel]);
}

const REASON_DUE_MS = 24 * 3_600_000;

type RollBackRequest = {
  readonly cause: RollbackCause;
  readonly endsAs?: "SUPERSEDED" | "DEPRECATED";
  readonly supersededById?: string;
};

/**
 * Back to stable at once: evidence first, then a table with a higher epoch. Never asks for approval or analysis.
 * A release that had no weight yet is aborted instead.
 */
export function rollBack(context: MoveContext, request: RollBackRequest): Move {
  const { release, observation, nowMs, by } = context;
  const personId = by.kind === "person" ? by.personId : null;
  const reason = context.reason ?? null;
  // That the copy of the traffic has stopped everywhere is a fact to wait for, as with weight.
  const isLive =
    mayHaveWeight(release.state) ||
    release.state === "COMPLETED" ||
    request.endsAs === "DEPRECATED";
  const table = stableOnlyTable(release, observation, isLive ? "rollback" : "abort");
  const neverHadWeight = release.firstWeightEpoch === null;
  const rollback: Rollback = {
    cause: request.cause,
    personId,
    reason,
    orderedAtMs: nowMs,
    epoch: table.epoch,
    fromWeightBp: releaseWeightBp(release),
    endsAs: request.endsAs ?? (neverHadWeight ? "ABORTED" : "ROLLED_BACK"),
    finishedAtMs: isLive ? null : nowMs,
  };
  const wasPromoted = release.promotionEpoch !== null;
  const change: Change = {
    stepEpoch: null,
    stepSinceMs: null,
    epoch: table.epoch,
    rollback,
    isPreviousWarm: false,
    supersededById: request.supersededById ?? release.supersededById,
  };
  const effects: Effect[] = [{ kind: "preserve_evidence" }, route(table)];
  if (wasPromoted)
    effects.push({
      kind: "relabel",
      stableVersionId: release.stableVersionId,
      previousVersionId: null,
    });
  if (personId !== null && reason === null && request.cause === "person") {
    effects.push({
      kind: "open_obligation",
      obligation: "rollback_reason",
      personId,
      dueAtMs: nowMs + REASON_DUE_MS,
    });
  }
  if (isLive)
    return move(context, "ROLLING_BACK", change, [
      ...effects,
      { kind: "notify", topic: "rolled_back" },
    ]);
  effects.push(
    { kind: "unload", versionId: release.candidateVersionId },
    { kind: "notify", topic: "ended" },
  );
  return move(context, request.endsAs === "SUPERSEDED" ? "SUPERSEDED" : "ABORTED", change, effects);
}

/** Stop moving; weights and epoch stay as they are. */
export function suspend(
  context: MoveContext,
  hold: {
    readonly reason: HoldReason;
    readonly personId: string | null;
    readonly note: string | null;
  },
): Move {
  const topics: Effect[] = hold.reason === "MANUAL" ? [] : [{ kind: "notify", topic: "held" }];
  return move(context, "HOLDING", { hold: { ...hold, sinceMs: context.nowMs } }, topics);
}

/** The replaced version may go; going back is a new release from here on. */
export function releasePrevious(context: MoveContext): Move {
  const table = completionTable(context.release, context.observation);
  return move(context, "COMPLETED", { isPreviousWarm: false, epoch: table.epoch }, [
    route(table),
    { kind: "unload", versionId: context.release.stableVersionId },
  ]);
}
