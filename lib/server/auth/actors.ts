import type { Grant } from "#lib/domain/access/permissions.ts";
import type { PersonRecord } from "../db/person-repository.ts";
import type { SessionRecord } from "../db/session-repository.ts";
import type { TokenRecord } from "../db/token-repository.ts";
import type { Actor, AuditTarget, CallContext } from "../ports.ts";

/** A signed-in person. */
export const sessionActor = (session: SessionRecord, context: CallContext): Actor =>
  personActor(session.person, session.method, session.id, context);

export const personActor = (
  person: PersonRecord,
  authMethod: string,
  sessionId: string | null,
  context: CallContext,
): Actor => ({
  type: "person",
  id: person.id,
  name: person.name,
  personId: person.personId,
  userId: person.id,
  roles: person.grants.map(({ role, environmentId }) => ({ role, environmentId })),
  scopes: null,
  authMethod,
  sessionId,
  context,
});

/** A token acts for its person, cut down to its own role and scopes; a runtime's token acts for the runtime. */
export const tokenActor = (token: TokenRecord, context: CallContext): Actor => ({
  type: token.role === "runtime" ? "runtime" : "token",
  id: token.id,
  name: token.person === null ? token.name : `${token.person.name} (token ${token.name})`,
  personId: token.person?.personId ?? null,
  userId: token.person?.id ?? null,
  roles: tokenRoles(token),
  scopes: token.scopes,
  authMethod: "token",
  sessionId: null,
  context,
});

/**
 * A token that somebody made through the product has its role only as far as its person has it now. One made on the host has its role by itself:
 * it is the way back in when nobody can sign in.
 */
function tokenRoles(token: TokenRecord): readonly Grant[] {
  if (token.createdById === null || token.person === null) return [{ role: token.role, environmentId: null }];
  return token.person.grants
    .filter((grant) => grant.role === token.role)
    .map(({ role, environmentId }) => ({ role, environmentId }));
}

/** Somebody who has not proved who they are. Has no rights; exists to be named in the trail. */
export const unknownActor = (context: CallContext): Actor => ({
  type: "person",
  id: "unknown",
  name: "Not signed in",
  personId: null,
  userId: null,
  roles: [],
  scopes: null,
  authMethod: null,
  sessionId: null,
  context,
});

export const personTarget = (person: { readonly id: string; readonly name: string }): AuditTarget => ({
  type: "user",
  id: person.id,
  name: person.name,
  digest: null,
});

export const sessionTarget = (id: string): AuditTarget => ({ type: "session", id, name: null, digest: null });
