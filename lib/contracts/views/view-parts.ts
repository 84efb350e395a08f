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
