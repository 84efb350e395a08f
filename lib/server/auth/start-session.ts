import { type SessionLimits, absoluteEnd } from "#lib/domain/access/session-rules.ts";
import type { PersonRecord } from "../db/person-repository.ts";
import { newId } from "../new-id.ts";
import type { AuditDraft, CallContext, UnitOfWork } from "../ports.ts";
import { personTarget, sessionTarget } from "./actors.ts";

export type SignInMethod = "password" | "one_time_link" | "oidc" | "oidc_again" | "demo_switch";

/** What a successful sign-in hands to the cookie. */
export type StartedSession = { readonly sessionId: string; readonly userId: string; readonly name: string };

/** A new session row for this person, and the entry that says so. Always a new id: a session fixed before sign-in is worthless. */
export async function startSession(
  tx: UnitOfWork,
  person: PersonRecord,
  method: SignInMethod,
  at: { readonly now: Date; readonly limits: SessionLimits; readonly context: CallContext },
): Promise<{ readonly session: StartedSession; readonly draft: AuditDraft }> {
  const sessionId = newId();
  await tx.sessions.insertSession({
    id: sessionId,
    userId: person.id,
    method,
    expiresAt: absoluteEnd(at.now, at.limits),
    ip: at.context.ip,
    userAgent: at.context.userAgent,
  });
  return {
    session: { sessionId, userId: person.id, name: person.name },
    draft: {
      action: "session.started",
      targets: [personTarget(person), sessionTarget(sessionId)],
      after: { method },
    },
  };
}
