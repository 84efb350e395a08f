import { z } from "zod";
import { gaugeView } from "./guard-view.ts";
import { holdReason, releaseState } from "./release-vocabulary.ts";
import { actionAvailability, basisPoints, count, instant } from "./view-parts.ts";

/** GET /api/v1/views/inbox: what needs the viewer, what moves by itself, what was decided in the last 24 hours. */

export const miniStep = z.object({
  weightBp: basisPoints,
  phase: z.enum(["done", "now", "next"]),
  /** Share of the step's dwell or units that is reached, 0..1; meaningful for `now`. */
  progress: z.number().min(0).max(1),
});
export type MiniStep = z.output<typeof miniStep>;

export const inboxItem = z.object({
  /** Which chip it stands under. `decide`: a gate or a verdict only a person can settle. */
  kind: z.enum(["approve", "held", "decide", "owed", "moving", "decided"]),
  releaseId: z.string(),
  number: count,
  rowVersion: count,
  state: releaseState,
  holdReason: holdReason.nullable(),
  /** "Tumour-triage 3.2.0, 25 % of production". */
  title: z.string(),
  /** The release's sentence, or the outcome of a decided one. */
  say: z.string(),
  /** The word before the time: "asked", "since", "started", "ended". */
  sinceWord: z.enum(["asked", "since", "started", "ended", "due"]),
  since: instant,
  gauge: gaugeView.nullable(),
  steps: z.array(miniStep),
  stableVersionName: z.string(),
  endpointName: z.string(),
  environmentName: z.string(),
  demo: z.boolean(),
  rollback: actionAvailability,
});
export type InboxItem = z.output<typeof inboxItem>;

/** The six first acts of the demo; each ticks itself from real events. */
export const firstStep = z.object({
  key: z.enum([
    "watch_promote",
    "see_rollback",
    "read_record",
    "register_model",
    "send_prediction",
    "invite_reviewer",
  ]),
  title: z.string(),
  href: z.string(),
  done: z.boolean(),
});

export const inboxView = z.object({
  asOf: instant,
  /** Null outside the demo or once dismissed. */
  firstSteps: z.array(firstStep).nullable(),
  needsYou: z.array(inboxItem),
  /** Alerts that nobody has acknowledged, newest first, at most ten. */
  alerts: z.array(
    z.object({ number: count, title: z.string(), sentence: z.string(), endpointName: z.string(), severity: z.enum(["page", "ticket"]), firedAt: instant }),
  ),
  moving: z.array(inboxItem),
  decided: z.array(inboxItem),
  /** Decided in the last 24 h altogether; `decided` holds the newest of them. */
  decidedTotal: count,
  /** Whether any model, endpoint and release exists yet: decides which empty state teaches what. */
  has: z.object({ models: z.boolean(), endpoints: z.boolean(), releases: z.boolean() }),
});
export type InboxView = z.output<typeof inboxView>;

/** Query of the inbox. */
export const inboxQuery = z.strictObject({
  environment: z.string().max(64).nullable().default(null),
});
export type InboxQuery = z.output<typeof inboxQuery>;
