import { AppError } from "#lib/domain/errors.ts";

/** Refuses who decided from an older state. `expected` null: they decide whatever it is. */
export function requireSeen(expected: number | null, present: number, what: string): void {
  if (expected !== null && expected !== present)
    throw new AppError("stale_version", `The ${what} was changed in the meantime.`, { hint: "Look again and decide again." });
}
