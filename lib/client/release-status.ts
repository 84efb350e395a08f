import type { ReleaseState } from "#lib/domain/release/states.ts";

/** The thirteen shapes of the status language. A status is a shape and a word; colour only repeats it. */
export const statusShapes = [
  "draft",
  "awaiting",
  "scheduled",
  "running",
  "holding",
  "undecided",
  "passed",
  "failed",
  "rolling-back",
  "rolled-back",
  "live",
  "retired",
  "no-data",
] as const;
export type StatusShape = (typeof statusShapes)[number];
export type StatusWord = { readonly shape: StatusShape; readonly word: string };

const words: Readonly<Record<ReleaseState, StatusWord>> = {
  DRAFT: { shape: "draft", word: "Draft" },
  PENDING_APPROVAL: { shape: "awaiting", word: "Awaiting approval" },
  APPROVED: { shape: "scheduled", word: "Approved" },
  PROVISIONING: { shape: "running", word: "Loading" },
  WARMING: { shape: "running", word: "Warming" },
  SHADOWING: { shape: "running", word: "Shadowing" },
  STEP_ACTIVE: { shape: "running", word: "Running" },
  HOLDING: { shape: "holding", word: "Holding" },
  AWAITING_GATE: { shape: "awaiting", word: "Awaiting a person" },
  PROMOTING: { shape: "running", word: "Promoting" },
  BAKING: { shape: "live", word: "Live, baking" },
  COMPLETED: { shape: "live", word: "Completed" },
  ROLLING_BACK: { shape: "rolling-back", word: "Rolling back" },
  ROLLED_BACK: { shape: "rolled-back", word: "Rolled back" },
  REJECTED: { shape: "failed", word: "Rejected" },
  EXPIRED: { shape: "retired", word: "Expired" },
  CANCELLED: { shape: "retired", word: "Cancelled" },
  ABORTED: { shape: "failed", word: "Aborted" },
  SUPERSEDED: { shape: "retired", word: "Superseded" },
};

/** Shape and word of a release. */
export function releaseStatus(state: ReleaseState): StatusWord {
  return words[state];
}

const guardWords: Readonly<
  Record<"HARM" | "SAFE" | "UNDECIDED" | "NO_DATA" | "CLEAR", StatusWord>
> = {
  SAFE: { shape: "passed", word: "Within limit" },
  CLEAR: { shape: "passed", word: "Within limit" },
  HARM: { shape: "failed", word: "Past limit" },
  UNDECIDED: { shape: "undecided", word: "Undecided" },
  NO_DATA: { shape: "no-data", word: "No data" },
};

/** Shape and word of a guard: never "healthy" or "success", only where it stands to its limit. */
export function guardStatus(word: keyof typeof guardWords): StatusWord {
  return guardWords[word];
}
