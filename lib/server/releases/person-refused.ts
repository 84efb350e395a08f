import { AppError, type ErrorCode } from "#lib/domain/errors.ts";
import type { Refusal, RefusalCode } from "#lib/domain/release/refusal.ts";

const CODES: Readonly<Record<RefusalCode, ErrorCode>> = {
  illegal_transition: "illegal_transition",
  self_approval: "self_approval",
  already_approved: "conflict",
  stale_digest: "stale_version",
  role_not_allowed: "forbidden",
  checklist_open: "requirements_open",
  approvals_missing: "requirements_open",
  change_freeze: "conflict",
  endpoint_busy: "conflict",
  stable_changed: "conflict",
  no_runtime: "unavailable",
  not_warm: "conflict",
  past_limit: "conflict",
  no_evidence: "conflict",
  hold_ends_by_itself: "conflict",
  reason_required: "invalid_input",
  signature_required: "invalid_input",
  previous_not_warm: "conflict",
  drill: "conflict",
  not_current: "conflict",
};

/** The machine's refusal as the error that every edge understands; the machine's own code goes along. */
export const personRefused = (refusal: Refusal): AppError =>
  new AppError(CODES[refusal.code], refusal.message, { details: { refusal: refusal.code } });
