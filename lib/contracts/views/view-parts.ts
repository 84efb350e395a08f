import { z } from "zod";

/** Pieces that several views share. Times are UTC instants; people's zones are applied on the screen only. */

export const instant = z.iso.datetime({ offset: false });
export const basisPoints = z.number().int().min(0).max(10_000);
export const count = z.number().int().nonnegative();
export const milliseconds = z.number().nonnegative();

/** Who acted. A policy is automation acting by a plan; a runtime reports what happened on it. */
export const actorKinds = ["person", "policy", "runtime", "token", "system"] as const;
export const actorRef = z.object({
  kind: z.enum(actorKinds),
  /** Printed name: "Ines Albrecht", "Plan", "rt-4". */
  name: z.string(),
  /** Role in words for a person ("ML lead"), null otherwise. */
  role: z.string().nullable(),
});
export type ActorRef = z.output<typeof actorRef>;

export const versionRef = z.object({
  versionId: z.string(),
  modelName: z.string(),
  versionName: z.string(),
  digest: z.string(),
});
export type VersionRef = z.output<typeof versionRef>;

/**
 * A sentence as parts, so that one text serves screen, print and announcement. `cause` is what the wait hangs on
 * (underlined on the screen); `time` is an instant, printed in the reader's zone. Parts carry their own spaces.
 */
export const sentencePart = z.discriminatedUnion("as", [
  z.object({ as: z.literal("plain"), text: z.string() }),
  z.object({ as: z.literal("strong"), text: z.string() }),
  z.object({ as: z.literal("cause"), text: z.string() }),
  z.object({ as: z.literal("time"), at: instant }),
]);
export type SentencePart = z.output<typeof sentencePart>;
export const sentence = z.array(sentencePart);
export type Sentence = z.output<typeof sentence>;

/**
 * Whether an act is open to this viewer now. A closed one says why in a sentence that names what would open it.
 * `severity` decides the confirmation: mild = none, moderate = one dialog with a reason, severe = type the version.
 */
export const actionAvailability = z.object({
  open: z.boolean(),
  /** Null when open. "Only an ML lead or validator may approve." */
  closedBecause: z.string().nullable(),
  severity: z.enum(["mild", "moderate", "severe"]),
});
export type ActionAvailability = z.output<typeof actionAvailability>;
