import {
  ACCOUNT_LIMITS,
  ADDRESS_LIMITS,
  type ThrottleLimits,
  addressKey,
  beginAttempt,
} from "#lib/domain/access/sign-in-throttle.ts";
import type { SessionLimits } from "#lib/domain/access/session-rules.ts";
import { AppError } from "#lib/domain/errors.ts";
import { normalEmail } from "../db/person-repository.ts";
import type { Actor, AuditDraft, CallContext } from "../ports.ts";
import type { Store, WritableTransaction } from "../store.ts";
import { personActor, personTarget, sessionTarget, unknownActor } from "./actors.ts";
import type { Passwords } from "./passwords.ts";
import { secretHash } from "./secrets.ts";
import { type StartedSession, startSession } from "./start-session.ts";

const MAX_EMAIL_CHARS = 254;
const MAX_PASSWORD_CHARS = 1024;

type Dependencies = { readonly store: Store; readonly passwords: Passwords; readonly limits: SessionLimits };

/** The same words for a wrong password, an unknown person, a disabled account and one without a password. */
const refused = (): AppError =>
  new AppError("not_authenticated", "E-mail address or password is wrong.", {
    hint: "Try again, or ask an administrator for a one-time link.",
  });

const tooMany = (retryAfterSeconds: number): AppError =>
  new AppError("rate_limited", "Too many failed sign-ins.", {
    hint: "Wait, then try again. An administrator can give you a one-time link at once.",
    retryAfterSeconds,
  });

const append = (transaction: WritableTransaction, actor: Actor, draft: AuditDraft): Promise<readonly bigint[]> =>
  transaction.appendAudit({ drafts: [draft], actor, context: actor.context, forceCheckpoint: false });

/**
 * Signs in by e-mail and password, or throws `not_authenticated` / `rate_limited`. The attempt is counted before the password is looked at,
 * so that many guesses at once are all counted; every attempt leaves an entry in the trail.
 */
export async function signInWithPassword(
  { store, passwords, limits }: Dependencies,
  given: { readonly email: string; readonly password: string },
  context: CallContext,
): Promise<StartedSession> {
  const email = normalEmail(given.email.slice(0, MAX_EMAIL_CHARS).toWellFormed().replaceAll("\u0000", ""));
  const password = given.password.slice(0, MAX_PASSWORD_CHARS);
  const keys = throttleKeys(email, context.ip);
  const attempt = await countAttempt(store, keys);
  const known = await store.read(async (db) => {
    const person = await db.people.findPersonByEmail(email);
    return person === null ? null : { person, hash: await db.people.passwordHashOf(person.id) };
  });
  const targets = known === null ? [] : [personTarget(known.person)];

  if (!attempt.allowed) {
    await store.write((transaction) =>
      append(transaction, unknownActor(context), failed(email, targets, "throttled")),
    );
    throw tooMany(attempt.retryAfterSeconds);
  }

  const matches = await passwords.verify(known?.hash ?? null, password);
  if (known === null || !matches || known.person.disabledAt !== null) {
    const action = attempt.locks ? "signin.locked" : "signin.failed";
    await store.write((transaction) =>
      append(transaction, unknownActor(context), { ...failed(email, targets, "wrong"), action }),
    );
    throw refused();
  }

  return store.write(async (transaction) => {
    const { uow, now } = transaction;
    const { session, draft } = await startSession(uow, known.person, "password", { now, limits, context });
    await uow.requests.clearThrottle(keys.account.key);
    if (keys.address !== null) await uow.requests.forgiveThrottle(keys.address.key);
    await append(transaction, personActor(known.person, "password", session.sessionId, context), draft);
    return session;
  });
}

type Throttled = { readonly key: string; readonly limits: ThrottleLimits };
type Keys = { readonly account: Throttled; readonly address: Throttled | null };

export const throttleKeys = (email: string, ip: string | null): Keys => ({
  // Hashed: people type passwords into the wrong field.
  account: { key: `account:${secretHash(email)}`, limits: ACCOUNT_LIMITS },
  address: ip === null ? null : { key: `address:${addressKey(ip)}`, limits: ADDRESS_LIMITS },
});

type Attempt =
  | { readonly allowed: true; readonly locks: boolean }
  | { readonly allowed: false; readonly retryAfterSeconds: number };

/** Counts one attempt against account and address. Address first, always: one order, no deadlock. */
export async function countAttempt(store: Store, { account, address }: Keys): Promise<Attempt> {
  return store.telemetry(async ({ requests }, now) => {
    let locks = false;
    const begun: { readonly key: string; readonly state: Parameters<typeof requests.saveThrottle>[1] }[] = [];
    for (const { key, limits } of [address, account].filter((one) => one !== null)) {
      const step = beginAttempt(await requests.lockThrottle(key), now, limits);
      if (!step.allowed) return step;
      locks ||= step.locks;
      begun.push({ key, state: step.state });
    }
    for (const { key, state } of begun) await requests.saveThrottle(key, state);
    return { allowed: true, locks };
  });
}

const failed = (email: string, targets: AuditDraft["targets"], why: "throttled" | "wrong"): AuditDraft => ({
  action: "signin.failed",
  outcome: "denied",
  targets,
  // Only what looks like an address is written down; anything else may be a password.
  after: { method: "password", why, email: /^[^\s@]+@[^\s@]+$/.test(email) ? email : null },
});

/** Signs in by a one-time link and uses it up, or throws `link_spent`. Of any number of tries at once one succeeds. */
export async function signInWithLink(
  { store, limits }: Pick<Dependencies, "store" | "limits">,
  secret: string,
  context: CallContext,
): Promise<StartedSession> {
  const outcome = await store.write(async (transaction) => {
    const { uow, now } = transaction;
    const link = await uow.links.spendLink(secretHash(secret), ["sign_in"], now);
    const person = link?.userId ? await uow.people.findPerson(link.userId) : null;
    if (person === null || person.disabledAt !== null) {
      await append(transaction, unknownActor(context), {
        action: "signin.failed",
        outcome: "denied",
        targets: person === null ? [] : [personTarget(person)],
        after: { method: "one_time_link", why: "spent" },
      });
      return null;
    }
    const { session, draft } = await startSession(uow, person, "one_time_link", { now, limits, context });
    await append(transaction, personActor(person, "one_time_link", session.sessionId, context), draft);
    return session;
  });
  if (outcome === null) throw linkSpent();
  return outcome;
}

export const linkSpent = (): AppError =>
  new AppError("link_spent", "This link was used already, or its time is over.", {
    hint: "Get a new one: from the terminal that started Slipway, or from an administrator.",
  });

/** Ends the session now; the cookie may live on and is worth nothing. Ending an ended one is no error and leaves no entry. */
export async function signOut(store: Store, sessionId: string, context: CallContext): Promise<void> {
  await store.write(async (transaction) => {
    const { uow, now } = transaction;
    const session = await uow.sessions.findSession(sessionId);
    if (session === null || !(await uow.sessions.revokeSession(sessionId, now))) return;
    await append(transaction, personActor(session.person, session.method, sessionId, context), {
      action: "session.ended",
      targets: [personTarget(session.person), sessionTarget(sessionId)],
    });
  });
}
