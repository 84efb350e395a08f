import type { Move } from "./move.ts";
import type { WaitReason } from "./wait-reason.ts";

/** At most one move, or why there is none. */
export type Decision =
  { readonly kind: "stay"; readonly wait: WaitReason } | ({ readonly kind: "move" } & Move);

export const stay = (wait: WaitReason): Decision => ({ kind: "stay", wait });
export const go = (made: Move): Decision => ({ kind: "move", ...made });
