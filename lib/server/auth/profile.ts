import { updateProfileBody } from "#lib/contracts/people-api.ts";
import { AppError } from "#lib/domain/errors.ts";
import type { Actor } from "../ports.ts";
import type { Store } from "../store.ts";
import { personTarget, sessionTarget } from "./actors.ts";

/** Acts on oneself. They need no permission but being signed in, so they are no commands; the trail names them all the same. */

const needsPerson = (): AppError =>
  new AppError("forbidden", "Only a signed-in person has a profile.", { hint: "Sign in with a browser." });

/** Changes one's own shown name or time zone. Answers what is so now. */
export async function updateProfile(
  store: Store,
  actor: Actor,
  raw: { readonly name?: string | undefined; readonly timeZone?: string | undefined },
): Promise<{ readonly name: string; readonly timeZone: string }> {
  const { userId } = actor;
  if (userId === null || actor.type !== "person") throw needsPerson();
  const { name, timeZone } = updateProfileBody.parse(raw);
  return store.write(async ({ uow, appendAudit }) => {
    const before = await uow.people.getPerson(userId);
    const after = { name: name ?? before.name, timeZone: timeZone ?? before.timeZone };
    await uow.people.updatePerson(userId, after);
    const draft = {
      action: "user.updated",
      targets: [personTarget(before)],
      before: { name: before.name, timeZone: before.timeZone },
      after,
    } as const;
    await appendAudit({ drafts: [draft], actor, context: actor.context, forceCheckpoint: false });
    return after;
  });
}

/** Ends all one's own sessions, this one too. Answers how many. */
export async function endAllSessions(store: Store, actor: Actor): Promise<number> {
  const { userId } = actor;
  if (userId === null || actor.type !== "person") throw needsPerson();
  return store.write(async ({ uow, now, appendAudit }) => {
    const ended = await uow.sessions.revokeSessionsOf(userId, now);
    const sessions = actor.sessionId === null ? [] : [sessionTarget(actor.sessionId)];
    const draft = {
      action: "session.revoked",
      targets: [personTarget({ id: userId, name: actor.name }), ...sessions],
      after: { sessionsEnded: ended },
    } as const;
    await appendAudit({ drafts: [draft], actor, context: actor.context, forceCheckpoint: false });
    return ended;
  });
}
