/** Why a person's act is not done. A value: the use case turns it into a problem document, the screen into a reason. */
export type Refusal = { readonly code: RefusalCode; readonly message: string };

export type RefusalCode =
  | "illegal_transition"
  | "self_approval"
  | "already_approved"
  | "stale_digest"
  | "role_not_allowed"
  | "checklist_open"
  | "approvals_missing"
  | "change_freeze"
  | "endpoint_busy"
  | "stable_changed"
  | "no_runtime"
  | "not_warm"
  | "past_limit"
  | "no_evidence"
  | "hold_ends_by_itself"
  | "reason_required"
  | "signature_required"
  | "previous_not_warm"
  | "drill"
  | "not_current";
