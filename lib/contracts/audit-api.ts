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
  /** There when the text was pruned by rule: actor, targets and change are gone then, the hash stands. */
  textPruned: z.object({ rule: z.string(), at: z.iso.datetime() }).optional(),
});
export type AuditEventView = z.output<typeof auditEventView>;

/** GET /api/v1/audit/as-of: by which limits an endpoint was served and released at a past moment, and who could approve there. */
export const auditAsOfQuery = z.strictObject({ endpoint: name, at: z.iso.datetime() });

const limitLine = z.object({ label: z.string(), text: z.string() });
export const auditAsOfView = z.object({
  at: z.iso.datetime(),
  endpointName: z.string(),
  environmentName: z.string(),
  /** The environment's policy then; null when it did not exist yet. */
  policy: z.object({ since: z.iso.datetime(), by: z.string(), lines: z.array(limitLine) }).nullable(),
  /** How it was served. `number` 0: by the defaults, which nobody had changed. */
  serving: z.object({ number: z.number().int(), digest: z.string(), since: z.iso.datetime().nullable(), lines: z.array(limitLine) }),
  /** The release that was under way, with the limits of its plan as it stood then; null when none was. `limits` null: the plan is too large to stand in the trail. */
  release: z.object({ number: z.number().int(), candidateVersionName: z.string(), limits: z.array(limitLine).nullable() }).nullable(),
  approval: z
    .object({
      /** `release`: the terms fixed when it was submitted. `policy`: what a new release would have needed. */
      basis: z.enum(["release", "policy"]),
      needed: z.number().int(),
      roles: z.array(z.string()),
      /** Roles of which each must be among the approvals. */
      rolesNeeded: z.array(z.string()),
      people: z.array(
        z.object({
          name: z.string(),
          roles: z.array(z.object({ role: z.string(), inPlaceOf: z.string().nullable() })),
          /** False: made the version or the release, so it would not have counted. */
          isIndependent: z.boolean(),
        }),
      ),
    })
    .nullable(),
});
export type AuditAsOfView = z.output<typeof auditAsOfView>;

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
    /** Places outside that keep checkpoints: how many, how many of them failed to take the newest, and how many said another thing than the trail when last asked. */
    witnesses: z.object({ count: z.number().int(), failing: z.number().int(), disagreeing: z.number().int(), deliveredAt: z.iso.datetime().nullable() }),
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

export const WITNESS_STATES = ["agrees", "holds_nothing", "rolled_back", "forked", "strange", "unreachable", "cannot_answer"] as const;
const witnessAnswer = z.object({
  name: z.string(),
  kind: z.enum(["file", "webhook", "s3"]),
  place: z.string(),
  verdict: z.enum(WITNESS_STATES),
  /** Entries that the newest checkpoint there covers. */
  heldSize: z.number().int().nullable(),
  message: z.string(),
});
export type WitnessAnswerView = z.output<typeof witnessAnswer>;

export const auditWitnessView = z.object({
  name: z.string(),
  kind: z.enum(["file", "webhook", "s3"]),
  place: z.string(),
  /** Entries that the newest checkpoint it took covers; null: it has taken none. */
  deliveredSize: z.number().int().nullable(),
  deliveredAt: z.iso.datetime().nullable(),
  failures: z.number().int(),
  lastProblem: z.string().nullable(),
  retryAt: z.iso.datetime().nullable(),
  askedAt: z.iso.datetime().nullable(),
  verdict: z.enum(WITNESS_STATES).nullable(),
  heldSize: z.number().int().nullable(),
  message: z.string().nullable(),
});
export const auditWitnessesView = z.object({
  asOf: z.iso.datetime(),
  /** Entries that the newest signed checkpoint covers. */
  signedSize: z.number().int(),
  witnesses: z.array(auditWitnessView),
  /** Newest first; at most 100. */
  deliveries: z.array(z.object({ id: z.string(), witness: z.string(), size: z.number().int(), reason: z.string(), at: z.iso.datetime(), tookMs: z.number().int(), problem: z.string().nullable() })),
});
export type AuditWitnessesView = z.output<typeof auditWitnessesView>;

export const auditVerifyView = z.object({
  intact: z.boolean(),
  /** Entries whose text was pruned by rule: their hash is proven, what they said is not there. */
  prunedTexts: z.number().int(),
  entries: z.number().int(),
  signedUpTo: z.number().int().nullable(),
  checkedAt: z.iso.datetime(),
  tookMs: z.number(),
  problems: z.array(z.object({ seq: z.number().int().nullable(), message: z.string() })),
  /** What the places outside said that keep checkpoints; one that disagrees is among the problems. */
  witnesses: z.array(witnessAnswer),
});
export type AuditVerifyView = z.output<typeof auditVerifyView>;

export const auditExportFormats = ["bundle", "csv", "jsonl", "pdf"] as const;
