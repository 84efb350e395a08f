import type { HoldReason } from "./states.ts";

/**
 * Why a release does not move at this moment, with the numbers. Sentences are made from it by `sentence`, never typed
 * by hand, so that screen, command line, record and message say the same.
 */
export type WaitReason =
  | { readonly code: "not_submitted" }
  | { readonly code: "awaiting_approval"; readonly have: number; readonly need: number; readonly missingRoles?: readonly string[] }
  | { readonly code: "evidence_changed"; readonly voided: number; readonly have: number; readonly need: number }
  | { readonly code: "checklist_open"; readonly items: readonly string[] }
  | { readonly code: "awaiting_start" }
  | { readonly code: "scheduled"; readonly untilMs: number }
  | { readonly code: "change_freeze"; readonly name: string; readonly untilMs: number }
  | { readonly code: "endpoint_busy"; readonly releaseId: string }
  | { readonly code: "stable_changed"; readonly stableVersionId: string }
  | { readonly code: "no_runtime" }
  | {
      readonly code: "loading";
      readonly ready: number;
      readonly total: number;
      readonly limitMs: number;
    }
  | {
      readonly code: "warming";
      readonly ready: number;
      readonly total: number;
      readonly limitMs: number;
    }
  | { readonly code: "awaiting_reference"; readonly need: number }
  | { readonly code: "shadowing"; readonly untilMs: number | null }
  | {
      readonly code: "comparing";
      readonly have: number;
      readonly need: number;
      readonly agreement: number | null;
      readonly lower: number;
      readonly upper: number;
      readonly minAgreement: number;
      readonly unitWord: "requests" | "keys";
      readonly etaSeconds: number | null;
    }
  | { readonly code: "awaiting_smoke_test"; readonly total: number }
  | {
      readonly code: "awaiting_outcome";
      readonly metric: "wrongLabel" | "value";
      readonly effect: number | null;
      readonly lower: number | null;
      readonly upper: number | null;
      /** Values the smaller arm has, of those it must have; labels need none. */
      readonly have: number;
      readonly need: number;
    }
  | {
      readonly code: "awaiting_runtimes";
      readonly confirmed: number;
      readonly total: number;
      readonly names: readonly string[];
    }
  | { readonly code: "minimum_dwell"; readonly untilMs: number }
  | {
      readonly code: "awaiting_samples";
      readonly have: number;
      readonly need: number;
      readonly unitWord: "requests" | "keys";
      readonly etaSeconds: number | null;
    }
  | {
      readonly code: "undecided";
      readonly metric: string;
      /** How many guards are undecided, this one included. */
      readonly undecidedGuards: number;
      readonly ratio: number | null;
      readonly lower: number;
      readonly upper: number | null;
      readonly limitRatio: number;
      readonly unitWord: "requests" | "keys";
      readonly unitsStillNeeded: number | null;
      readonly etaSeconds: number | null;
    }
  | { readonly code: "awaiting_labels" }
  | {
      readonly code: "limit_crossed";
      readonly metric: string;
      readonly ratio: number | null;
      readonly limitRatio: number;
      /** Where the limit is no ratio: what was seen against what was declared, as half a sentence. */
      readonly detail?: string;
    }
  | {
      readonly code: "split_mismatch";
      readonly plannedShareBp: number;
      readonly candidateUnits: number;
      readonly units: number;
    }
  | { readonly code: "invalid_evidence"; readonly reasons: readonly string[] }
  | { readonly code: "no_data"; readonly seconds: number; readonly limitSeconds: number }
  | { readonly code: "stable_unhealthy" }
  | { readonly code: "held_by"; readonly personId: string | null; readonly note: string | null }
  | { readonly code: "timed_out"; readonly limitSeconds: number }
  | { readonly code: "runtime_unreachable"; readonly names: readonly string[] }
  | { readonly code: "awaiting_gate"; readonly untilMs: number }
  | {
      readonly code: "promoting";
      readonly confirmed: number;
      readonly total: number;
      readonly names: readonly string[];
    }
  | { readonly code: "baking"; readonly untilMs: number }
  | { readonly code: "no_reference" }
  | { readonly code: "drilling"; readonly untilMs: number }
  | {
      readonly code: "rolling_back";
      readonly confirmed: number;
      readonly total: number;
      readonly names: readonly string[];
    }
  | { readonly code: "ready" }
  | { readonly code: "ended" };

export type WaitCode = WaitReason["code"];

/** Who or what ends a wait. */
export type EndedBy =
  "author" | "approver" | "time" | "traffic" | "labels" | "runtime" | "engineer" | "nobody";

const ENDED_BY: Readonly<Record<WaitCode, EndedBy>> = {
  not_submitted: "author",
  awaiting_approval: "approver",
  evidence_changed: "approver",
  checklist_open: "author",
  awaiting_start: "engineer",
  scheduled: "time",
  change_freeze: "time",
  endpoint_busy: "engineer",
  stable_changed: "author",
  no_runtime: "runtime",
  loading: "runtime",
  warming: "runtime",
  awaiting_reference: "traffic",
  shadowing: "time",
  comparing: "traffic",
  awaiting_smoke_test: "runtime",
  awaiting_outcome: "labels",
  no_reference: "approver",
  drilling: "traffic",
  awaiting_runtimes: "runtime",
  minimum_dwell: "time",
  awaiting_samples: "traffic",
  undecided: "traffic",
  awaiting_labels: "labels",
  limit_crossed: "engineer",
  split_mismatch: "engineer",
  invalid_evidence: "engineer",
  no_data: "runtime",
  stable_unhealthy: "engineer",
  held_by: "engineer",
  timed_out: "engineer",
  runtime_unreachable: "runtime",
  awaiting_gate: "approver",
  promoting: "runtime",
  baking: "time",
  rolling_back: "runtime",
  ready: "time",
  ended: "nobody",
};

export function endedBy(reason: WaitReason): EndedBy {
  return ENDED_BY[reason.code];
}

/** The hold under which a wait is shown once it lasts; undefined for waits that are no hold. */
export function holdReasonOf(reason: WaitReason): HoldReason | undefined {
  switch (reason.code) {
    case "awaiting_samples":
    case "awaiting_labels":
      return "INSUFFICIENT";
    case "undecided":
    case "awaiting_outcome":
      return "UNDECIDED";
    case "no_data":
      return "BLIND";
    case "split_mismatch":
    case "invalid_evidence":
      return "INVALID";
    case "limit_crossed":
      return "LIMIT_CROSSED";
    case "stable_unhealthy":
      return "STABLE_UNHEALTHY";
    case "runtime_unreachable":
      return "RUNTIME_UNREACHABLE";
    case "timed_out":
      return "TIMED_OUT";
    case "held_by":
      return "MANUAL";
    default:
      return undefined;
  }
}
