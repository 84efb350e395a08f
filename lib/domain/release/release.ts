import type { SmallTeam } from "./approval-terms.ts";
import type { Plan } from "./plan.ts";
import type { FrozenReference } from "./reference.ts";
import type { HoldReason, ReleaseState } from "./states.ts";

/** A signed statement that a person made about exactly this plan and evidence. */
export type Approval = {
  readonly personId: string;
  readonly role: string;
  /** Hash over plan and evidence that the person saw. Another digest voids the approval. */
  readonly digest: string;
  readonly meaning: string;
  readonly reason: string;
  readonly atMs: number;
};

export type RollbackCause =
  | "person"
  | "harm"
  | "guard_rail"
  | "runtime_safety"
  | "blind"
  | "timed_out"
  | "superseded"
  | "bake_harm"
  | "trigger"
  | "outcome"
  | "challenger_failing"
  | "deprecated";

export type Rollback = {
  readonly cause: RollbackCause;
  /** Of whoever ordered it; null when the plan or a runtime did. */
  readonly personId: string | null;
  readonly reason: string | null;
  readonly orderedAtMs: number;
  /** Done when every live runtime routes by this epoch or a higher one and has drained. */
  readonly epoch: number;
  readonly fromWeightBp: number;
  /** ABORTED when the candidate never had weight, as in a blue-green preview at 0 %. */
  readonly endsAs: "ROLLED_BACK" | "SUPERSEDED" | "ABORTED" | "DEPRECATED";
  readonly finishedAtMs: number | null;
};

export type Hold = {
  readonly reason: HoldReason;
  readonly personId: string | null;
  readonly note: string | null;
  readonly sinceMs: number;
};

/** The act of moving an endpoint to a version by a plan. An immutable value; each move makes the next one. */
export type Release = {
  readonly id: string;
  readonly endpointId: string;
  readonly candidateVersionId: string;
  /** The version that it replaces, fixed when the release is made. */
  readonly stableVersionId: string;
  readonly authorId: string;
  /** Who registered the candidate; may not approve it either. */
  readonly candidateAuthorId: string;
  readonly plan: Plan;
  /** Hash over plan and evidence set, which approvals bind to. */
  readonly digest: string;
  readonly approvalsNeeded: number;
  /** Roles that may approve; empty means that the permission matrix alone decides. */
  readonly approverRoles: readonly string[];
  /** Roles of which each must be among the approvals; absent in releases made before there were such rules. */
  readonly rolesNeeded?: readonly string[];
  /** Set when a small team could not meet the rule for independence and its authors count; absent or null otherwise. */
  readonly smallTeam?: SmallTeam | null;
  readonly approvals: readonly Approval[];
  readonly expiresAtMs: number | null;
  /** Starts by itself once approved; otherwise a person starts it. */
  readonly startsAutomatically: boolean;
  /** Not before this moment of the database clock; absent or null: as soon as it may. */
  readonly startsAtMs?: number | null;
  readonly salt: string;

  readonly state: ReleaseState;
  readonly stateSinceMs: number;
  readonly stepIndex: number | null;
  /** The epoch in which the present step's weight was ordered. */
  readonly stepEpoch: number | null;
  /** When the present step was ordered, or resumed by a person; the step's time limit counts from here. */
  readonly stepSinceMs: number | null;
  readonly hold: Hold | null;
  /** Metrics with action `hold` whose crossing a person has accepted. */
  readonly acceptedHolds: readonly string[];
  /** The last epoch that this release ordered. */
  readonly epoch: number | null;
  /** The first epoch in which the candidate had weight; null: it never had any. */
  readonly firstWeightEpoch: number | null;
  readonly promotionEpoch: number | null;
  readonly reference: FrozenReference | null;
  readonly rollback: Rollback | null;
  /** Runtimes that never confirmed and were given up; they serve stable by the dead-man rule. */
  readonly fencedRuntimeIds: readonly string[];
  /** After promotion: the replaced version is still loaded, so going back takes one message. */
  readonly isPreviousWarm: boolean;
  readonly supersededById: string | null;
};

/** The serving share of the release's candidate at present, in basis points. */
export function releaseWeightBp(release: Release): number {
  switch (release.state) {
    case "STEP_ACTIVE":
    case "HOLDING":
    case "AWAITING_GATE":
      // At the gate after mirroring there is no step yet.
      return release.stepIndex === null
        ? 0
        : (release.plan.steps[release.stepIndex]?.weightBp ?? 0);
    case "PROMOTING":
    case "BAKING":
    case "COMPLETED":
      return 10_000;
    default:
      return 0;
  }
}
