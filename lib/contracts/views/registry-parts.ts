import { z } from "zod";
import { finding, inputContract } from "#lib/contracts/artifact.ts";
import { versionStates } from "#lib/contracts/registry-api.ts";
import { armRole } from "#lib/contracts/runtime-protocol.ts";
import { basisPoints, count, instant } from "./view-parts.ts";
import { releaseState } from "./release-vocabulary.ts";

/** Pieces that the registry's screens share. */

export const versionState = z.enum(versionStates);

/** An act that may be closed to this viewer, with the sentence that says why. */
export const openAct = z.object({ open: z.boolean(), closedBecause: z.string().nullable() });
export type OpenAct = z.output<typeof openAct>;

/** One version in one role on one endpoint, by the route table in force. */
export const livePlace = z.object({
  endpointName: z.string(),
  environmentName: z.string(),
  versionName: z.string(),
  role: armRole,
  weightBp: basisPoints,
  /** Since when it has this role and weight here, and who or what gave it. */
  since: instant,
  by: z.string(),
  /** Number of the release that gave it, or null: the endpoint was made with it. */
  releaseNumber: count.nullable(),
});
export type LivePlace = z.output<typeof livePlace>;

export const releaseRef = z.object({ number: count, state: releaseState });

export const releaseRow = z.object({
  number: count,
  state: releaseState,
  endpointName: z.string(),
  environmentName: z.string(),
  candidateVersionName: z.string(),
  stableVersionName: z.string(),
  createdAt: instant,
  endedAt: instant.nullable(),
  authorName: z.string(),
});
export type ReleaseRow = z.output<typeof releaseRow>;

/** Differences field by field, as the release page shows them. */
export const contractDiff = z.object({
  against: z.string(),
  summary: z.string(),
  lines: z.array(
    z.object({ kind: z.enum(["same", "added", "removed", "hunk"]), text: z.string() }),
  ),
  note: z.string().nullable(),
});

export { finding, inputContract };
