import { z } from "zod";
import { miniStep } from "./inbox-view.ts";
import { holdReason, releaseState } from "./release-vocabulary.ts";
import { actorRef, basisPoints, count, instant } from "./view-parts.ts";

/** GET /api/v1/views/releases: the list, newest first, with counts on the filter chips. */

export const releaseListGroups = [
  "open",
  "awaiting",
  "moving",
  "holding",
  "live",
  "rolled_back",
  "ended",
] as const;
export const releaseListGroup = z.enum(releaseListGroups);
export type ReleaseListGroup = z.output<typeof releaseListGroup>;

export const releaseListViewQuery = z.strictObject({
  /** Free text over model, version, endpoint and number. */
  q: z.string().max(120).default(""),
  group: releaseListGroup.nullable().default(null),
  environment: z.string().max(64).nullable().default(null),
  cursor: z.string().max(256).nullable().default(null),
  limit: z.number().int().min(1).max(200).default(50),
});
export type ReleaseListViewQuery = z.output<typeof releaseListViewQuery>;

export const releaseListRow = z.object({
  releaseId: z.string(),
  number: count,
  modelName: z.string(),
  candidateVersionName: z.string(),
  stableVersionName: z.string(),
  endpointName: z.string(),
  environmentName: z.string(),
  strategy: z.string(),
  state: releaseState,
  holdReason: holdReason.nullable(),
  stateSince: instant,
  weightBp: basisPoints,
  steps: z.array(miniStep),
  /** Plain one-line reason or outcome: "p95 latency is undecided", "back on 1.8.2 in 1.42 s". */
  say: z.string(),
  author: actorRef,
  startedAt: instant.nullable(),
  createdAt: instant,
  demo: z.boolean(),
});
export type ReleaseListRow = z.output<typeof releaseListRow>;

export const releaseListView = z.object({
  asOf: instant,
  rows: z.array(releaseListRow),
  /** Under the text and environment filters, before the group. */
  counts: z.object({
    all: count,
    open: count,
    awaiting: count,
    moving: count,
    holding: count,
    live: count,
    rolled_back: count,
    ended: count,
  }),
  page: z.object({ next: z.string().nullable(), total: count }),
  mayCreate: z.object({ open: z.boolean(), closedBecause: z.string().nullable() }),
});
export type ReleaseListView = z.output<typeof releaseListView>;
