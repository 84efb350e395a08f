import type { Grant, Principal, Scope } from "#lib/domain/access/permissions.ts";
import type { ActorType, AuditActor, AuditDraft, AuditRequestContext } from "#lib/domain/audit/leaf.ts";

export type { AuditDraft, AuditTarget } from "#lib/domain/audit/leaf.ts";
export type { ReadModels } from "./db/read-models.ts";
export type { Telemetry, UnitOfWork } from "./db/unit-of-work.ts";

/** Where a call came from; goes into the audit entry as it is. */
export type CallContext = AuditRequestContext & {
  readonly idempotencyKey: string | null;
};

/** Who is acting, resolved once at the edge and believed by everything behind it. */
export type Actor = Principal & {
  readonly type: ActorType;
  /** Id of the user, token, runtime or part. What the audit trail names. */
  readonly id: string;
  readonly name: string;
  /** The human being behind it; two accounts of one person share it. Null for our own parts. */
  readonly personId: string | null;
  readonly userId: string | null;
  readonly roles: readonly Grant[];
  readonly scopes: readonly Scope[] | null;
  readonly authMethod: string | null;
  readonly sessionId: string | null;
  readonly context: CallContext;
};

/** An act needs at least one entry in the trail: an empty list does not type-check. */
export type AuditDrafts = AuditDraft | readonly [AuditDraft, ...AuditDraft[]];

/** What the audit trail is told about one transaction. */
export type AuditEntry = {
  readonly drafts: readonly [AuditDraft, ...AuditDraft[]];
  readonly actor: AuditActor;
  readonly context: CallContext;
  /** A signed checkpoint is owed at once: approvals, promotions, rollbacks. */
  readonly forceCheckpoint: boolean;
};

const NOWHERE: CallContext = { requestId: null, ip: null, userAgent: null, idempotencyKey: null };

const ourPart = (type: "policy" | "system", id: string, name: string, context: CallContext): Actor => ({
  type,
  id,
  name,
  personId: null,
  userId: null,
  roles: [{ role: type, environmentId: null }],
  scopes: null,
  authMethod: null,
  sessionId: null,
  context,
});

/** The release controller acting by an environment's policy. */
export const policyActor = (name = "Release policy", context: CallContext = NOWHERE): Actor =>
  ourPart("policy", "policy", name, context);

/** The installation itself, or the operator at its terminal. */
export const systemActor = (name: string, context: CallContext = NOWHERE): Actor =>
  ourPart("system", "system", name, context);
