import type { RouteTable } from "#lib/domain/routing/route-table.ts";
import type { EventName } from "./machine.ts";
import type { RollbackCause } from "./release.ts";
import type { ReleaseState } from "./states.ts";

/** Who decided: a person by id, the plan's policy, or a runtime for its own safety. */
export type DecidedBy =
  | { readonly kind: "person"; readonly personId: string }
  | { readonly kind: "policy" }
  | { readonly kind: "runtime"; readonly runtimeIds: readonly string[] };

/** What goes into the record about one move; the controller adds the canonical counts and their hash. */
export type DecisionDraft = {
  readonly event: EventName;
  readonly from: ReleaseState;
  readonly to: ReleaseState;
  readonly by: DecidedBy;
  readonly reason: string | null;
  readonly rollbackCause: RollbackCause | null;
  readonly weightBpBefore: number;
  readonly weightBpAfter: number;
  readonly epoch: number | null;
  /** True when the verdict was the ground of the move, so that its counts must be stored with it. */
  readonly restsOnVerdict: boolean;
};

/** What the controller has to do, in the same transaction as the move. Each is idempotent. */
export type Effect =
  /** Every live runtime shall load and warm this version. */
  | { readonly kind: "provision"; readonly versionId: string }
  /** The endpoint's new table, complete with its epoch. */
  | { readonly kind: "route"; readonly table: RouteTable }
  /** The endpoint's stable version changes by name only; nothing is deployed again. */
  | {
      readonly kind: "relabel";
      readonly stableVersionId: string;
      readonly previousVersionId: string | null;
    }
  /** Keep digest, configuration, weights and windows of the candidate as they are now. Before the route changes. */
  | { readonly kind: "preserve_evidence" }
  | { readonly kind: "record_decision"; readonly decision: DecisionDraft }
  /** Runtimes may unload this version once it is drained. */
  | { readonly kind: "unload"; readonly versionId: string }
  /** The person who rolled back owes a reason within 24 h. */
  | {
      readonly kind: "open_obligation";
      readonly obligation: "rollback_reason";
      readonly personId: string;
      readonly dueAtMs: number;
    }
  | {
      readonly kind: "notify";
      readonly topic:
        | "approval_needed"
        | "approved"
        | "gate_open"
        | "held"
        | "rolled_back"
        | "promoted"
        | "ended";
    };
