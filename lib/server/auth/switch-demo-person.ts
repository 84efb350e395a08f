import type { SessionLimits } from "#lib/domain/access/session-rules.ts";
import { AppError, notFound } from "#lib/domain/errors.ts";
import type { Actor } from "../ports.ts";
import type { Store } from "../store.ts";
import { personActor, personTarget, sessionTarget } from "./actors.ts";
import { type StartedSession, startSession } from "./start-session.ts";

/**
 * A visitor of the demonstration becomes another of its people, to see the other side of the desk. Only from one demo person to another;
 * the caller has made sure that this installation is a demonstration on this machine alone. Both ends are in the trail.
 */
export async function switchDemoPerson(
  { store, limits }: { readonly store: Store; readonly limits: SessionLimits },
  actor: Actor,
  email: string,
): Promise<StartedSession> {
  const { sessionId, context } = actor;
  if (actor.type !== "person" || sessionId === null) {
    throw new AppError("forbidden", "Only somebody who is signed in can switch.");
  }
  return store.write(async (transaction) => {
    const { uow, now } = transaction;
    const current = await uow.sessions.findSession(sessionId);
    const next = await uow.people.findPersonByEmail(email);
    if (current === null || !current.person.demo || next === null || !next.demo || next.disabledAt !== null) {
      throw notFound();
    }
    await uow.sessions.revokeSession(sessionId, now);
    const { session, draft } = await startSession(uow, next, "demo_switch", { now, limits, context });
    const ended = {
      action: "session.ended",
      targets: [personTarget(current.person), sessionTarget(sessionId)],
      after: { switchedTo: next.email },
      actor: { type: actor.type, id: actor.id, name: actor.name, authMethod: actor.authMethod },
    } as const;
    await transaction.appendAudit({
      drafts: [ended, draft],
      actor: personActor(next, "demo_switch", session.sessionId, context),
      context,
      forceCheckpoint: false,
    });
    return session;
  });
}
