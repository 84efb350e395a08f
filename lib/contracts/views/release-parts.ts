import { z } from "zod";
import { ADVANCE_RULES } from "#lib/domain/release/plan.ts";
import { bakeGuardView, guardWord } from "./guard-view.ts";
import { actorRef, basisPoints, count, instant, milliseconds } from "./view-parts.ts";

/** Parts of the release page that are long enough to stand alone. */

/** What was known when a step ended: frozen with the decision, so a past step never changes its numbers. */
export const stepSnapshot = z.object({
  decisionId: z.string(),
  at: instant,
  candidateUnits: count,
  guardsWithin: count,
  guardsPast: count,
  guardsUndecided: count,
  /** "Advanced by plan: none past its limit", "Advanced by Ines Albrecht: ...". */
  advancedBecause: z.string(),
  advancedBy: actorRef,
  /** sha256 of the canonical counts of the decision. */
  countsSha256: z.string(),
  guards: z.array(z.object({ name: z.string(), word: guardWord, text: z.string() })),
});
export type StepSnapshot = z.output<typeof stepSnapshot>;

export const stepView = z.object({
  /** 0-based; people read index + 1. */
  index: count,
  weightBp: basisPoints,
  phase: z.enum(["done", "now", "next"]),
  advance: z.enum(ADVANCE_RULES),
  dwellSeconds: z.number().nonnegative(),
  minUnits: count,
  /** The rule in words: "Every guard within limit for 10 min and 5,000 candidate requests". */
  ruleText: z.string(),
  startedAt: instant.nullable(),
  endedAt: instant.nullable(),
  /** Progress of the current step: candidate units so far in it. */
  candidateUnits: count,
  snapshot: stepSnapshot.nullable(),
});
export type StepView = z.output<typeof stepView>;

export const bakeView = z.object({
  seconds: z.number().nonnegative(),
  startedAt: instant.nullable(),
  endsAt: instant.nullable(),
  endedAt: instant.nullable(),
  /** Filled from promotion on. */
  guards: z.array(bakeGuardView),
});
export type BakeView = z.output<typeof bakeView>;

/** Planned against observed share since the step began; a mismatch makes every other test void. */
export const trafficView = z.object({
  plannedBp: basisPoints,
  observedBp: basisPoints.nullable(),
  candidateRequests: count,
  totalRequests: count,
  requestsPerSecond: z.number().nonnegative().nullable(),
  mismatch: z.boolean(),
});

export const approvalView = z.object({
  approvalId: z.string(),
  by: actorRef,
  decision: z.enum(["approved", "rejected"]),
  meaning: z.string(),
  reason: z.string(),
  digest: z.string(),
  /** How the signer proved who they are: password, session, token ... */
  method: z.string(),
  /** In whose place; null for their own. */
  onBehalfOf: z.string().nullable(),
  /** False for a signature by who made the version or the release, which only a small team's rules let count. */
  isIndependent: z.boolean(),
  signedAt: instant,
  voidedAt: instant.nullable(),
  voidReason: z.string().nullable(),
});
export type ApprovalView = z.output<typeof approvalView>;

export const checklistItemView = z.object({
  code: z.string(),
  title: z.string(),
  state: z.enum(["met", "open", "failed", "stale", "waived", "not_applicable"]),
  note: z.string(),
  /** Evidence it was derived from; empty when none exists. */
  evidenceIds: z.array(z.string()),
});
export const checklistPhaseView = z.object({
  phase: z.string(),
  met: count,
  total: count,
  note: z.string(),
  items: z.array(checklistItemView),
});
export type ChecklistPhaseView = z.output<typeof checklistPhaseView>;

export const changeRow = z.object({
  part: z.string(),
  stable: z.string(),
  candidate: z.string(),
  /** "digest" is printed in the code face with its first 8 characters copyable in full. */
  form: z.enum(["text", "digest"]),
  same: z.boolean(),
});
export const diffLine = z.object({
  kind: z.enum(["same", "added", "removed", "hunk"]),
  text: z.string(),
});
export const changesView = z.object({
  rows: z.array(changeRow),
  contract: z.object({
    summary: z.string(),
    lines: z.array(diffLine),
    note: z.string().nullable(),
  }),
});
export type ChangesView = z.output<typeof changesView>;

export const logEntryView = z.object({
  /** Leaf index in the audit log, or null for telemetry shown beside it. */
  seq: count.nullable(),
  at: instant,
  actor: actorRef,
  text: z.string(),
  /** Number drawn as a flag on the charts, or null. */
  flag: count.nullable(),
});
export type LogEntryView = z.output<typeof logEntryView>;

export const logView = z.object({
  entries: z.array(logEntryView),
  /** Entries on this release altogether; more than shown when cut. */
  total: count,
  chain: z.object({
    state: z.enum(["intact", "broken", "unchecked"]),
    upToSeq: count.nullable(),
    checkedAt: instant.nullable(),
  }),
});

/** One runtime's part in a roll back. Times are milliseconds after the order. */
export const runtimeConfirmation = z.object({
  name: z.string(),
  state: z.enum(["waiting", "acknowledged", "drained", "unreachable"]),
  acknowledgedMs: milliseconds.nullable(),
  drainedMs: milliseconds.nullable(),
  lateResponses: count,
});

/** The three ticks: ordered, routers acknowledged, last candidate request finished. Null until a roll back is ordered. */
export const stopwatchView = z.object({
  orderedAt: instant,
  orderedBy: actorRef,
  toVersionName: z.string(),
  runtimes: z.array(runtimeConfirmation),
  /** All live routers on the new epoch; null while some are missing. */
  acknowledgedMs: milliseconds.nullable(),
  /** Last candidate request finished everywhere; null while some run. */
  drainedMs: milliseconds.nullable(),
  lateResponses: count,
  /** "Back on 3.1.4 in 1.42 s; 9 requests reached the candidate after the order." Null while running. */
  finalSentence: z.string().nullable(),
  reason: z.object({
    kind: z.string().nullable(),
    text: z.string().nullable(),
    /** Set while a reason is owed (emergency path); 24 h after the order. */
    dueAt: instant.nullable(),
  }),
});
export type StopwatchView = z.output<typeof stopwatchView>;

export const rollbackInfo = z.object({
  toVersionName: z.string(),
  lastMeasuredMs: milliseconds.nullable(),
  p95Ms: milliseconds.nullable(),
  /** How many earlier roll backs the p95 is over. */
  measurements: count,
  /** What a roll back leaves as it is, one fact a line, with numbers. */
  notUndone: z.array(z.string()),
});
export type RollbackInfo = z.output<typeof rollbackInfo>;
