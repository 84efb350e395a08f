import type { AuditAction, AuditCrud } from "./actions.ts";
import { AUDIT_ACTIONS, AUDIT_CRUD } from "./actions.ts";
import type { HashFunction } from "./bytes.ts";
import { toHex, utf8 } from "./bytes.ts";
import type { JsonObject, JsonValue } from "./canonical-json.ts";
import { canonicalJson, parseCanonicalJson } from "./canonical-json.ts";

/** The leaf: what one entry of the audit trail says, and the exact bytes that are hashed and kept. */

export const LEAF_VERSION = 1;
export const AUDIT_OUTCOMES = ["ok", "denied", "error"] as const;
export const ACTOR_TYPES = ["person", "token", "policy", "runtime", "system"] as const;

export type AuditOutcome = (typeof AUDIT_OUTCOMES)[number];
export type ActorType = (typeof ACTOR_TYPES)[number];

export type AuditActor = {
  readonly type: ActorType;
  readonly id: string | null;
  readonly name: string;
  /** How the actor proved who it is: `password`, `oidc`, `token`, ... `null` for our own parts. */
  readonly authMethod: string | null;
};

/** Something the event is about. The first target of a type also becomes the filter column of that type. */
export type AuditTarget = {
  readonly type: string;
  readonly id: string;
  readonly name: string | null;
  readonly digest: string | null;
};

export type AuditRequestContext = {
  readonly requestId: string | null;
  readonly ip: string | null;
  readonly userAgent: string | null;
};

/** What a use case says happened. Who, when and from where are added on append. */
export type AuditDraft = {
  readonly action: AuditAction;
  readonly targets: readonly AuditTarget[];
  readonly before?: JsonObject | null;
  readonly after?: JsonObject | null;
  readonly reason?: string | null;
  readonly outcome?: AuditOutcome;
  readonly idempotencyKey?: string | null;
  /** When somebody else than the caller did it, such as a policy inside a person's request. */
  readonly actor?: AuditActor;
};

export type AuditLeaf = {
  readonly v: number;
  readonly id: string;
  /** RFC 3339, UTC, milliseconds. */
  readonly ts: string;
  readonly action: string;
  readonly crud: AuditCrud;
  readonly outcome: AuditOutcome;
  readonly actor: AuditActor;
  readonly targets: readonly AuditTarget[];
  readonly before: JsonObject | null;
  readonly after: JsonObject | null;
  readonly reason: string | null;
  readonly context: AuditRequestContext;
  readonly idempotencyKey: string | null;
};

export const LEAF_LIMITS = {
  reasonChars: 4_000,
  nameChars: 200,
  idChars: 200,
  userAgentChars: 400,
  targets: 64,
  /** `before` and `after` above this are kept as their sha256 and size only. */
  snapshotBytes: 32_768,
} as const;

export type LeafCircumstances = {
  /** UUIDv7. */
  readonly id: string;
  /** From the database clock. */
  readonly occurredAt: Date;
  readonly actor: AuditActor;
  readonly context: AuditRequestContext;
  readonly hash: HashFunction;
};

/** Text as PostgreSQL will hold it: no NUL, no half surrogates. Cut to `limit` without splitting a character. */
function storableText(text: string, limit: number): string {
  return text.slice(0, limit).toWellFormed().replaceAll("\u0000", "\uFFFD");
}

const storableOrNull = (text: string | null | undefined, limit: number): string | null =>
  text === null || text === undefined ? null : storableText(text, limit);

/** Changes texts only. What is no JSON value passes through, for canonicalJson to refuse. */
function storableValue(value: JsonValue): JsonValue {
  if (typeof value === "string") return storableText(value, value.length);
  if (typeof value !== "object" || value === null) return value;
  if (isList(value)) return value.map(storableValue);
  return Object.getPrototypeOf(value) === Object.prototype ? storableObject(value) : value;
}

const isList = (value: JsonValue): value is readonly JsonValue[] => Array.isArray(value);

function storableObject(value: JsonObject): JsonObject {
  const entries = Object.entries(value).map(([key, member]) => [
    storableText(key, key.length),
    storableValue(member),
  ]);
  return Object.fromEntries(entries);
}

/** The value itself, or `{omitted: {sha256, bytes}}` when it is too large to carry in the trail. */
function snapshot(value: JsonObject | null | undefined, hash: HashFunction): JsonObject | null {
  if (value === null || value === undefined) return null;
  const storable = storableObject(value);
  const bytes = utf8(canonicalJson(storable));
  return bytes.length <= LEAF_LIMITS.snapshotBytes
    ? storable
    : { omitted: { sha256: toHex(hash(bytes)), bytes: bytes.length } };
}

function storableActor(actor: AuditActor): AuditActor {
  return {
    type: actor.type,
    id: storableOrNull(actor.id, LEAF_LIMITS.idChars),
    name: storableText(actor.name, LEAF_LIMITS.nameChars),
    authMethod: storableOrNull(actor.authMethod, LEAF_LIMITS.nameChars),
  };
}

function storableTarget(target: AuditTarget): AuditTarget {
  return {
    type: storableText(target.type, LEAF_LIMITS.nameChars),
    id: storableText(target.id, LEAF_LIMITS.idChars),
    name: storableOrNull(target.name, LEAF_LIMITS.nameChars),
    digest: storableOrNull(target.digest, LEAF_LIMITS.idChars),
  };
}

/**
 * The leaf of a draft and its canonical text. Texts from outside are cut and made storable, because a hostile user agent must
 * not be able to block an entry; values that JSON cannot hold throw CanonicalJsonError, because they are mistakes of ours.
 */
export function buildLeaf(
  draft: AuditDraft,
  { id, occurredAt, actor, context, hash }: LeafCircumstances,
): { readonly leaf: AuditLeaf; readonly text: string } {
  if (draft.targets.length > LEAF_LIMITS.targets) {
    throw new RangeError(`An audit event names at most ${LEAF_LIMITS.targets} targets.`);
  }
  const leaf: AuditLeaf = {
    v: LEAF_VERSION,
    id,
    ts: occurredAt.toISOString(),
    action: draft.action,
    crud: AUDIT_ACTIONS[draft.action].crud,
    outcome: draft.outcome ?? "ok",
    actor: storableActor(draft.actor ?? actor),
    targets: draft.targets.map(storableTarget),
    before: snapshot(draft.before, hash),
    after: snapshot(draft.after, hash),
    reason: storableOrNull(draft.reason, LEAF_LIMITS.reasonChars),
    context: {
      requestId: storableOrNull(context.requestId, LEAF_LIMITS.idChars),
      ip: storableOrNull(context.ip, LEAF_LIMITS.nameChars),
      userAgent: storableOrNull(context.userAgent, LEAF_LIMITS.userAgentChars),
    },
    idempotencyKey: storableOrNull(draft.idempotencyKey, LEAF_LIMITS.idChars),
  };
  return { leaf, text: canonicalJson(leaf) };
}

type Fields = { readonly [key: string]: JsonValue | undefined };

const isFields = (value: JsonValue | undefined): value is JsonObject =>
  typeof value === "object" && value !== null && !Array.isArray(value);
const isText = (value: JsonValue | undefined): value is string => typeof value === "string";
const isTextOrNull = (value: JsonValue | undefined): value is string | null =>
  value === null || isText(value);
const isFieldsOrNull = (value: JsonValue | undefined): value is JsonObject | null =>
  value === null || isFields(value);
const oneOf = <T extends string>(list: readonly T[], value: JsonValue | undefined): T | null =>
  list.find((item) => item === value) ?? null;

function readActor(value: JsonValue | undefined): AuditActor | null {
  if (!isFields(value)) return null;
  const { id, name, authMethod }: Fields = value;
  const type = oneOf(ACTOR_TYPES, value["type"]);
  return type !== null && isTextOrNull(id) && isText(name) && isTextOrNull(authMethod)
    ? { type, id, name, authMethod }
    : null;
}

function readTarget(value: JsonValue): AuditTarget | null {
  if (!isFields(value)) return null;
  const { type, id, name, digest }: Fields = value;
  return isText(type) && isText(id) && isTextOrNull(name) && isTextOrNull(digest)
    ? { type, id, name, digest }
    : null;
}

function readContext(value: JsonValue | undefined): AuditRequestContext | null {
  if (!isFields(value)) return null;
  const { requestId, ip, userAgent }: Fields = value;
  return isTextOrNull(requestId) && isTextOrNull(ip) && isTextOrNull(userAgent)
    ? { requestId, ip, userAgent }
    : null;
}

/** The leaf in canonical text of schema version 1. `null` when it is not canonical JSON or not such a leaf; actions that this program does not know are fine. */
export function parseLeaf(text: string): AuditLeaf | null {
  const parsed = parseCanonicalJson(text);
  if (parsed === null || !isFields(parsed.value)) return null;
  const { v, id, ts, action, targets, before, after, reason, idempotencyKey }: Fields =
    parsed.value;
  const crud = oneOf(AUDIT_CRUD, parsed.value["crud"]);
  const outcome = oneOf(AUDIT_OUTCOMES, parsed.value["outcome"]);
  const actor = readActor(parsed.value["actor"]);
  const context = readContext(parsed.value["context"]);
  if (v !== LEAF_VERSION || crud === null || outcome === null || actor === null || context === null)
    return null;
  if (!isText(id) || !isText(ts) || !isText(action) || targets === undefined || !isList(targets))
    return null;
  if (
    !isFieldsOrNull(before) ||
    !isFieldsOrNull(after) ||
    !isTextOrNull(reason) ||
    !isTextOrNull(idempotencyKey)
  )
    return null;
  const read = targets.map(readTarget).filter((target) => target !== null);
  if (read.length !== targets.length) return null;
  return {
    v,
    id,
    ts,
    action,
    crud,
    outcome,
    actor,
    targets: read,
    before,
    after,
    reason,
    context,
    idempotencyKey,
  };
}
