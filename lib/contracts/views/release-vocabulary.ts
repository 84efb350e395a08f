import { z } from "zod";
import { HOLD_REASONS, RELEASE_STATES } from "#lib/domain/release/states.ts";

/** States and reasons on the wire: the domain's own lists. */
export const releaseState = z.enum(RELEASE_STATES);
export const holdReason = z.enum(HOLD_REASONS);
