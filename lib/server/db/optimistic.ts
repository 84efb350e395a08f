import { AppError } from "#lib/domain/errors.ts";

/**
 * Turns the count of an `updateMany({ where: { id, rowVersion } , data: { ..., rowVersion: { increment: 1 } } })`
 * into a refusal when somebody else was faster.
 */
export function expectOneRow({ count }: { readonly count: number }, what: string): void {
  if (count === 1) return;
  throw new AppError("stale_version", `This ${what} was changed by somebody else in the meantime.`, {
    hint: "Load it again, look at the change, and decide again.",
  });
}
