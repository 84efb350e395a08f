import { z } from "zod";
import { ACTOR_TYPES, AUDIT_OUTCOMES } from "#lib/domain/audit/leaf.ts";
import { AUDIT_CRUD } from "#lib/domain/audit/actions.ts";

const name = z.string().min(1).max(128);

/** Which entries. The same for the page, the list and every export; all parts that are given must hold. */
export const auditFilterQuery = z.strictObject({
  model: name.optional(),
  /** `MODEL/VERSION`. */
  version: z.string().max(256).optional(),
  endpoint: name.optional(),
  environment: name.optional(),
  /** Number or id of a release. */
  release: z.union([z.uuid(), z.string().regex(/^[1-9][0-9]{0,8}$/)]).optional(),
  /** Part of the actor's name or the exact id. */
  actor: z.string().max(128).optional(),
  actorType: z.enum(ACTOR_TYPES).optional(),
  /** One action, such as `release.approved`, or a subject, such as `release`. */
  action: z.string().max(64).optional(),
  outcome: z.enum(AUDIT_OUTCOMES).optional(),
  from: z.iso.datetime().optional(),
  to: z.iso.datetime().optional(),
});
export type AuditFilterQuery = z.output<typeof auditFilterQuery>;

export const auditListQuery = auditFilterQuery.extend({
  /** Entries below this number. */
  before: z.coerce.number().int().nonnegative().optional(),
  limit: z.coerce.number().int().min(1).max(200).default(50),
});

export const auditEventView = z.object({
  seq: z.number().int(),
  id: z.string(),
  occurredAt: z.iso.datetime(),
  action: z.string(),
  label: z.string(),
  crud: z.enum(AUDIT_CRUD),
  outcome: z.enum(AUDIT_OUTCOMES),
  actor: z.object({
    type: z.enum(ACTOR_TYPES),
    id: z.string().nullable(),
    name: z.string(),
    authMethod: z.string().nullable(),
  }),
  targets: z.array(
    z.object({ type: z.string(), id: z.string(), name: z.string().nullable(), digest: z.string().nullable() }),
  ),
  before: z.record(z.string(), z.unknown()).nullable(),
  after: z.record(z.string(), z.unknown()).nullable(),
  reason: z.string().nullable(),
  requestId: z.string().nullable(),
  /** sha256 of the entry as it stands in the tree, 64 hex digits. */
  leafHash: z.string(),
});
export type AuditEventView = z.output<typeof auditEventView>;

export const checkpointView = z.object({
  size: z.number().int(),
  root: z.string(),
  signedAt: z.iso.datetime(),
  reason: z.string(),
  /** The signed note, word for word: keep one and a later trail must extend it. */
  note: z.string(),
});

export const auditListView = z.object({
  events: z.array(auditEventView),
  /** Of the filter. */
  total: z.number().int(),
  firstSeq: z.number().int().nullable(),
  lastSeq: z.number().int().nullable(),
  /** For `before` of the next page; null at the end. */
  next: z.number().int().nullable(),
  /** The filter in words. */
  statement: z.string(),
  trail: z.object({
    size: z.number().int(),
    origin: z.string(),
    vkey: z.string(),
    checkpoint: checkpointView.nullable(),
    since: z.iso.datetime().nullable(),
  }),
});
export type AuditListView = z.output<typeof auditListView>;

export const auditProofView = z.object({
  seq: z.number().int(),
  leaf: z.string(),
  leafHash: z.string(),
  checkpoint: checkpointView,
  /** From the entry upwards: which entries each sibling hash stands for. */
  steps: z.array(z.object({ from: z.number().int(), to: z.number().int(), hash: z.string() })),
  /** C2SP tlog-proof. */
  text: z.string(),
});
export type AuditProofView = z.output<typeof auditProofView>;

export const auditConsistencyView = z.object({
  earlier: checkpointView,
  checkpoint: checkpointView,
  steps: z.array(z.object({ from: z.number().int(), to: z.number().int(), hash: z.string() })),
});
export type AuditConsistencyView = z.output<typeof auditConsistencyView>;

export const auditVerifyView = z.object({
  intact: z.boolean(),
  entries: z.number().int(),
  signedUpTo: z.number().int().nullable(),
  checkedAt: z.iso.datetime(),
  tookMs: z.number(),
  problems: z.array(z.object({ seq: z.number().int().nullable(), message: z.string() })),
});
export type AuditVerifyView = z.output<typeof auditVerifyView>;

export const auditExportFormats = ["bundle", "csv", "jsonl", "pdf"] as const;
