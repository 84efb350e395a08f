import { z } from "zod";

/** What front processes of one runtime ask each other, through the process that started them. */
const label = z.union([z.string(), z.number(), z.boolean(), z.null()]);
export const feedbackItem = z.object({
  predictionId: z.string(),
  label,
  value: z.number().nullable(),
});
export const labelOutcome = z.enum(["accepted", "unknown", "repeated", "unmatched"]);

const ask = z.discriminatedUnion("what", [
  z.object({ what: z.literal("metrics"), compat: z.literal("triton").nullable() }),
  z.object({ what: z.literal("feedback"), endpointId: z.string(), items: z.array(feedbackItem) }),
]);
export type Ask = z.output<typeof ask>;

export const question = z.object({ slipway: z.literal("question"), id: z.number(), ask });
export type Question = z.output<typeof question>;

/** An answer to a question: metrics text, or one outcome for each item. */
const reply = z.union([z.string(), z.array(labelOutcome)]);
export type Reply = z.output<typeof reply>;
export const answer = z.object({ slipway: z.literal("answer"), id: z.number(), reply });
/** What the starter hands back: the replies of those that answered in time. */
export const answers = z.object({
  slipway: z.literal("answers"),
  id: z.number(),
  replies: z.array(reply),
});
