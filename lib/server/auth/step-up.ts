import { AppError } from "#lib/domain/errors.ts";
import type { SIGNED_ACTS } from "#lib/contracts/signing-api.ts";
import { newId } from "../new-id.ts";
import type { Actor } from "../ports.ts";
import type { Store } from "../store.ts";
import { personTarget } from "./actors.ts";
import type { Passwords } from "./passwords.ts";
import { countAttempt, throttleKeys } from "./sign-in.ts";

export const STEP_UP_SECONDS = 120;

type Given = { readonly password: string; readonly action: (typeof SIGNED_ACTS)[number]; readonly digest: string };

/**
 * Proves once more who signs. Answers a grant for this act on this digest in this session: it works once, for 120 seconds.
 * Wrong passwords count against the account as failed sign-ins do.
 */
export async function stepUp(
  { store, passwords }: { readonly store: Store; readonly passwords: Passwords },
  actor: Actor,
  { password, action, digest }: Given,
): Promise<{ readonly grant: string; readonly expiresAt: string }> {
  const { userId, sessionId } = actor;
  if (userId === null || sessionId === null) throw new AppError("forbidden", "Only a person who is signed in to the browser proves it again.");
  const person = await store.read((db) => db.people.getPerson(userId));
  const keys = throttleKeys(person.email, actor.context.ip);
  const attempt = await countAttempt(store, keys);
  if (!attempt.allowed) throw new AppError("rate_limited", "Too many wrong passwords.", { hint: "Wait, then try again.", retryAfterSeconds: attempt.retryAfterSeconds });
  const matches = await passwords.verify(await store.read((db) => db.people.passwordHashOf(userId)), password.slice(0, 1024));
  return store.write(async ({ uow, now, appendAudit }) => {
    const note = (action_: "session.reauthenticated" | "signin.failed", after: Record<string, string>, outcome: "ok" | "denied") =>
      appendAudit({
        drafts: [{ action: action_, outcome, targets: [personTarget(person)], after }],
        actor,
        context: actor.context,
        forceCheckpoint: false,
      });
    if (!matches) {
      await note("signin.failed", { method: "step_up", why: person.hasPassword ? "wrong" : "no password", act: action }, "denied");
      return null;
    }
    const id = newId();
    const expiresAt = new Date(now.getTime() + STEP_UP_SECONDS * 1000);
    await uow.signatures.insertStepUpGrant({ id, userId, sessionId, action, digest, method: "password", expiresAt });
    await uow.requests.clearThrottle(keys.account.key);
    await note("session.reauthenticated", { method: "password", act: action, digest }, "ok");
    return { grant: id, expiresAt: expiresAt.toISOString() };
  }).then((granted) => {
    if (granted === null) throw new AppError("invalid_input", "The password is wrong.", { errors: [{ pointer: "/password", message: "This is not your password." }] });
    return granted;
  });
}
