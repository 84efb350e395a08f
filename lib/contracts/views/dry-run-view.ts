import { z } from "zod";

/** What would happen if this release were made and submitted now. Nothing is kept of it. */
export const dryRunView = z.object({
  asOf: z.iso.datetime(),
  /** `refused`: it could not be made. `stopped`: the checklist is open. `waits`: for approvals or a time. `starts`: at once, by itself. */
  outcome: z.enum(["refused", "stopped", "waits", "starts"]),
  sentence: z.string(),
  lines: z.array(
    z.object({
      stage: z.enum(["make", "submit", "approve", "start", "mirror", "step", "promote", "bake"]),
      title: z.string(),
      /** `stops`: until somebody does something. `waits`: for a time or for evidence. `goes`: nothing in the way. */
      standing: z.enum(["stops", "waits", "goes"]),
      text: z.string(),
      /** At the least, at the present traffic; null when that cannot be told. */
      seconds: z.number().nullable(),
    }),
  ),
  /** Earliest start, approvals aside; null when something stops it before. */
  startsAt: z.iso.datetime().nullable(),
  /** From the start to the end of the bake, at the least. */
  shortestSeconds: z.number().nullable(),
  /** The release that would end first. */
  supersedesNumber: z.number().int().nullable(),
  /** How often each trigger would have fired on the live version's own last day. */
  triggers: z.array(z.object({ text: z.string(), firings: z.number().int(), intervals: z.number().int(), hours: z.number() })),
});
export type DryRunView = z.output<typeof dryRunView>;
