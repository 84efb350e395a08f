import { z } from "zod";

/** States and reasons as the wire knows them; the machine in lib/domain/release owns their meaning. */

export const releaseStates = [
  "DRAFT",
  "PENDING_APPROVAL",
  "APPROVED",
  "PROVISIONING",
  "WARMING",
  "SHADOWING",
  "STEP_ACTIVE",
  "HOLDING",
  "AWAITING_GATE",
  "PROMOTING",
  "BAKING",
  "COMPLETED",
  "ROLLING_BACK",
  "ROLLED_BACK",
  "REJECTED",
  "EXPIRED",
  "CANCELLED",
  "ABORTED",
  "SUPERSEDED",
] as const;
export const releaseState = z.enum(releaseStates);

export const holdReason = z.string().min(1);

export const waitCode = z.string().min(1);
