import type { SIGNED_ACTS } from "#lib/contracts/signing-api.ts";
import { AppError } from "#lib/domain/errors.ts";
import type { Actor, UnitOfWork } from "../ports.ts";

export type SignedThing = {
  /** The act that is signed, such as `approve-release`: a grant for one is worth nothing for another. */
  /** One that a person can prove themselves for at POST /api/v1/session/step-up: any other could never be signed where proof is asked for. */
  readonly action: (typeof SIGNED_ACTS)[number];
  readonly digest: string;
  readonly grant: string | null;
  /** Asked for by the environment's policy; Part 11 mode asks always. */
  readonly isReauthenticationRequired: boolean;
};

export type Signer = { readonly userId: string; readonly personId: string; readonly signedName: string; readonly method: string };

/**
 * Who signs, and how they proved it. Where re-authentication is asked for, a grant that fits is used up in the same transaction:
 * of any number of attempts with one grant exactly one succeeds.
 */
export async function requireSigner(tx: UnitOfWork, actor: Actor, thing: SignedThing, now: Date): Promise<Signer> {
  const { userId, personId, sessionId } = actor;
  if (userId === null || personId === null) throw new AppError("forbidden", "Only a person signs.");
  const { part11 } = await tx.signatures.signingRules();
  const mustProve = part11 || thing.isReauthenticationRequired;
  if (!mustProve && thing.grant === null) return { userId, personId, signedName: actor.name, method: actor.authMethod ?? "session" };
  if (sessionId === null) {
    throw new AppError("forbidden", "A token cannot sign here: whoever signs gives their password at that moment.", { hint: "Sign in to the browser and sign there." });
  }
  const method = thing.grant === null ? null : await tx.signatures.spendStepUpGrant({ id: thing.grant, userId, sessionId, action: thing.action, digest: thing.digest });
  if (method === null) {
    throw new AppError("step_up_required", "Give your password again to sign this.", {
      hint: "POST /api/v1/session/step-up with your password, this act and this digest; the grant works once, for two minutes.",
      details: { action: thing.action, digest: thing.digest, at: now.toISOString() },
    });
  }
  return { userId, personId, signedName: actor.name, method };
}
