import { AppError } from "#lib/domain/errors.ts";
import type { SIGNED_ACTS } from "#lib/contracts/signing-api.ts";
import { newId } from "../new-id.ts";
import type { Actor } from "../ports.ts";
import type { Store } from "../store.ts";
import { personTarget } from "./actors.ts";
import type { Passwords } from "./passwords.ts";
import { countAttempt, throttleKeys } from "./sign-in.ts";

export const STEP_UP_SECONDS = 120;

type Given = { readonly password?: string | undefined; readonly action: (typeof SIGNED_ACTS)[number]; readonly digest: string };

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
  if (password === undefined) return stepUpByProvider(store, actor, { userId, sessionId, action, digest });
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

/** A grant for whoever has just signed in again at their provider (`prompt=login`, `max_age=0`): this very session began there within the time of a grant. */
async function stepUpByProvider(
  store: Store,
  actor: Actor,
  { userId, sessionId, action, digest }: { readonly userId: string; readonly sessionId: string; readonly action: Given["action"]; readonly digest: string },
): Promise<{ readonly grant: string; readonly expiresAt: string }> {
  const granted = await store.write(async ({ uow, now, appendAudit }) => {
    const session = await uow.sessions.findSession(sessionId);
    const ageMs = session === null ? Number.POSITIVE_INFINITY : now.getTime() - session.createdAt.getTime();
    const isFresh = session?.method === "oidc_again" && ageMs <= STEP_UP_SECONDS * 1000;
    const person = await uow.people.getPerson(userId);
    const draft = isFresh
      ? ({ action: "session.reauthenticated", outcome: "ok", targets: [personTarget(person)], after: { method: "provider", act: action, digest } } as const)
      : ({ action: "signin.failed", outcome: "denied", targets: [personTarget(person)], after: { method: "step_up", why: "not proved at the provider now", act: action } } as const);
    const id = newId();
    const expiresAt = new Date(now.getTime() + STEP_UP_SECONDS * 1000);
    if (isFresh) await uow.signatures.insertStepUpGrant({ id, userId, sessionId, action, digest, method: "provider", expiresAt });
    await appendAudit({ drafts: [draft], actor, context: actor.context, forceCheckpoint: false });
    return isFresh ? { grant: id, expiresAt: expiresAt.toISOString() } : null;
  });
  if (granted !== null) return granted;
  throw new AppError("step_up_required", "Sign in again at your identity provider to sign this.", {
    hint: "Open /api/auth/signin/oidc with prompt=login and max_age=0, come back, and ask within two minutes; or give a password.",
  });
}
