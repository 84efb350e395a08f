import { z } from "zod";
import { fromHex } from "#lib/domain/audit/bytes.ts";
import type { NodeRef } from "#lib/domain/audit/merkle.ts";
import { AuditFault } from "#lib/server/audit/audit-fault.ts";
import type { AuditHead, AuditStore, StoredCheckpoint } from "#lib/server/audit/audit-store.ts";
import { CHECKPOINT_REASONS } from "#lib/server/audit/audit-store.ts";
import { filterConditions } from "./audit-filter.ts";
import { readGuards } from "./audit-guards.ts";

/** One statement with numbered parameters. Both Prisma's raw queries and a plain pg client can be made into one. */
export type AuditQuery = (text: string, values: readonly unknown[]) => Promise<unknown>;

const size = z.coerce.number().int().nonnegative().max(Number.MAX_SAFE_INTEGER);
const bytes = z.instanceof(Uint8Array);
const hex = z.string().transform((text, context) => {
  const value = fromHex(text);
  if (value !== null) return value;
  context.addIssue({ code: "custom", message: "not hex" });
  return z.NEVER;
});

const prunedRow = z.object({
  id: z.string(),
  occurredAt: z.string(),
  action: z.string(),
  crud: z.string(),
  outcome: z.string(),
  actorType: z.string(),
  rule: z.string(),
  at: z.string(),
});
const leafRow = z.object({ seq: size, leaf: bytes, leafHash: bytes, chainHash: bytes, pruned: prunedRow.nullable() });
const targetRow = z.object({
  type: z.string(),
  id: z.string(),
  name: z.string().nullable(),
  digest: z.string().nullable(),
});
const fullRow = leafRow.extend({
  id: z.string(),
  occurredAt: z.string(),
  action: z.string(),
  crud: z.string(),
  outcome: z.string(),
  actorType: z.string(),
  actorId: z.string().nullable(),
  actorName: z.string(),
  modelId: z.string().nullable(),
  versionId: z.string().nullable(),
  endpointId: z.string().nullable(),
  environmentId: z.string().nullable(),
  releaseId: z.string().nullable(),
  requestId: z.string().nullable(),
  idempotencyKey: z.string().nullable(),
  targets: z.array(targetRow),
});
const headRow = z.object({ size, chainHash: bytes, frontier: z.array(hex), forcedSize: size });
const checkpointRow = z.object({
  size,
  root: bytes,
  note: z.string(),
  reason: z.enum(CHECKPOINT_REASONS),
  signedAt: z.coerce.date(),
});

const RFC3339 = `'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'`;
const LEAF = `e."seq"::text AS "seq", e."leaf", e."leafHash", e."chainHash",
  CASE WHEN e."pruningId" IS NOT NULL THEN (SELECT json_build_object('id', e."id",
    'occurredAt', to_char(e."occurredAt" AT TIME ZONE 'UTC', ${RFC3339}), 'action', e."action", 'crud', e."crud", 'outcome', e."outcome",
    'actorType', e."actorType", 'rule', p."rule", 'at', to_char(p."prunedAt" AT TIME ZONE 'UTC', ${RFC3339}))
    FROM "AuditPruning" p WHERE p."id" = e."pruningId") END AS "pruned"`;
const COLUMNS = `${LEAF}, e."id"::text AS "id", to_char(e."occurredAt" AT TIME ZONE 'UTC', ${RFC3339}) AS "occurredAt",
  e."action", e."crud", e."outcome", e."actorType", e."actorId", e."actorName", e."modelId", e."versionId", e."endpointId",
  e."environmentId", e."releaseId", e."requestId", e."idempotencyKey",
  (SELECT coalesce(json_agg(json_build_object('type', t."type", 'id', t."targetId", 'name', t."name", 'digest', t."digest")
    ORDER BY t."position"), '[]') FROM "AuditTarget" t WHERE t."seq" = e."seq") AS "targets"`;
const CHECKPOINT = `c."size"::text AS "size", c."root", c."note", c."reason",
  to_char(c."signedAt" AT TIME ZONE 'UTC', ${RFC3339}) AS "signedAt"`;

async function rowsOf<T>(
  schema: z.ZodType<T>,
  query: AuditQuery,
  text: string,
  values: readonly unknown[] = [],
): Promise<T[]> {
  return z.array(schema).parse(await query(text, values));
}

async function oneOf<T>(
  schema: z.ZodType<T>,
  query: AuditQuery,
  text: string,
  values: readonly unknown[] = [],
): Promise<T> {
  const [row] = await rowsOf(schema, query, text, values);
  if (row === undefined) throw new Error("The audit tables are not set up: run the migrations.");
  return row;
}

/** The audit tables on one connection or in one transaction. */
export function createAuditStore(query: AuditQuery): AuditStore {
  return { ...eventsOn(query), ...checkpointsOn(query), guards: () => readGuards(query), prune: (terms) => pruneTexts(query, terms) };
}

async function pruneTexts(query: AuditQuery, { days, rule, kept, limit }: Parameters<AuditStore["prune"]>[0]): ReturnType<AuditStore["prune"]> {
  const rows = await rowsOf(
    z.object({ fromSeq: size, toSeq: size, texts: size, cutoff: z.string() }),
    query,
    `SELECT p.from_seq::text AS "fromSeq", p.to_seq::text AS "toSeq", p.texts, to_char(p.cutoff AT TIME ZONE 'UTC', ${RFC3339}) AS "cutoff"
     FROM audit_prune($1::int, $2::text, $3::text[], $4::int) p`,
    [days, rule, [...kept], limit],
  );
  return rows[0] ?? null;
}

type Events = Omit<AuditStore, keyof Checkpoints | "guards" | "prune">;
type Checkpoints = Pick<
  AuditStore,
  | "lockCheckpoints"
  | "latestCheckpoint"
  | "checkpointAtMost"
  | "checkpoints"
  | "checkpointsAfter"
  | "spreadCheckpoints"
  | "recordCheckpoint"
>;

function eventsOn(query: AuditQuery): Events {
  return {
    append: async (leaves, force) => {
      const text = `SELECT a.first_seq::text AS "firstSeq" FROM audit_append($1::text[], $2::boolean) a`;
      return (await oneOf(z.object({ firstSeq: size }), query, text, [leaves, force])).firstSeq;
    },
    head: () => readHead(query),
    now: async () => {
      const text = `SELECT to_char(clock_timestamp() AT TIME ZONE 'UTC', ${RFC3339}) AS "now"`;
      return (await oneOf(z.object({ now: z.coerce.date() }), query, text)).now;
    },
    leaves: (from, to) =>
      rowsOf(
        leafRow,
        query,
        `SELECT ${LEAF} FROM "AuditEvent" e WHERE e."seq" >= $1::bigint AND e."seq" < $2::bigint ORDER BY e."seq"`,
        [from, to],
      ),
    rows: (from, to) =>
      rowsOf(
        fullRow,
        query,
        `SELECT ${COLUMNS} FROM "AuditEvent" e WHERE e."seq" >= $1::bigint AND e."seq" < $2::bigint ORDER BY e."seq"`,
        [from, to],
      ),
    nodes: (refs) => readNodes(query, refs),
    nodeCounts: (of) =>
      oneOf(
        z.object({ within: size, stray: size }),
        query,
        `SELECT count(*) FILTER (WHERE n.beyond <= $1::numeric)::text AS "within",
           count(*) FILTER (WHERE n.beyond > h."size" OR n.beyond < 1)::text AS "stray"
         FROM (SELECT (m."index" + 1) * power(2::numeric, m."level") AS beyond FROM "AuditNode" m) n, "AuditHead" h`,
        [of],
      ),
    select: (filter, page) => {
      const { text, values } = filterConditions(filter);
      const [beyond, order] = page.order === "descending" ? ["<", "DESC"] : [">", "ASC"];
      const at = values.length;
      return rowsOf(
        leafRow,
        query,
        `SELECT ${LEAF} FROM "AuditEvent" e WHERE ${text} AND ($${at + 1}::bigint IS NULL OR e."seq" ${beyond} $${at + 1}::bigint)
         ORDER BY e."seq" ${order} LIMIT $${at + 2}::bigint`,
        [...values, page.cursor, page.limit],
      );
    },
    seqsAt: async (filter, below, positions) => {
      const { text, values } = filterConditions(filter);
      const [size_, asked] = [`$${values.length + 1}::bigint`, `$${values.length + 2}::bigint[]`];
      const rows = await rowsOf(
        z.object({ position: size, seq: size }),
        query,
        `SELECT n."position"::text AS "position", n."seq"::text AS "seq"
         FROM (SELECT e."seq", row_number() OVER (ORDER BY e."seq") - 1 AS "position"
               FROM "AuditEvent" e WHERE ${text} AND e."seq" < ${size_}) n
         WHERE n."position" = ANY(${asked})`,
        [...values, below, [...positions]],
      );
      const found = new Map(rows.map(({ position, seq }) => [position, seq]));
      return positions.map((position) => {
        const seq = found.get(position);
        if (seq === undefined) throw new RangeError(`The filtered trail has no entry at position ${position}.`);
        return seq;
      });
    },
    summarise: (filter, below) => {
      const { text, values } = filterConditions(filter);
      return oneOf(
        z.object({ count: size, firstSeq: size.nullable(), lastSeq: size.nullable() }),
        query,
        `SELECT count(*)::text AS "count", min(e."seq")::text AS "firstSeq", max(e."seq")::text AS "lastSeq"
         FROM "AuditEvent" e WHERE ${text} AND e."seq" < $${values.length + 1}::bigint`,
        [...values, below],
      );
    },
  };
}

function readHead(query: AuditQuery): Promise<AuditHead> {
  return oneOf(
    headRow,
    query,
    `SELECT h."size"::text AS "size", h."chainHash", h."forcedSize"::text AS "forcedSize",
       ARRAY(SELECT encode(f.hash, 'hex') FROM unnest(h."frontier") WITH ORDINALITY AS f (hash, position) ORDER BY f.position) AS "frontier"
     FROM "AuditHead" h WHERE h."id" = 1`,
  );
}

async function readNodes(
  query: AuditQuery,
  refs: readonly NodeRef[],
): Promise<readonly Uint8Array[]> {
  if (refs.length === 0) return [];
  const rows = await rowsOf(
    z.object({ hash: bytes.nullable() }),
    query,
    `SELECT CASE r."level" WHEN 0 THEN (SELECT e."leafHash" FROM "AuditEvent" e WHERE e."seq" = r."index")
       ELSE (SELECT n."hash" FROM "AuditNode" n WHERE n."level" = r."level" AND n."index" = r."index") END AS "hash"
     FROM ROWS FROM (json_to_recordset($1::json) AS ("level" smallint, "index" bigint)) WITH ORDINALITY AS r ("level", "index", position)
     ORDER BY r.position`,
    [JSON.stringify(refs.map(({ level, index }) => ({ level, index })))],
  );
  return rows.map(({ hash }, at) => {
    if (hash === null)
      throw new AuditFault(
        "AUDIT_HEAD_INCONSISTENT",
        `The stored audit tree lacks the node ${JSON.stringify(refs[at])}.`,
      );
    return hash;
  });
}

function checkpointsOn(query: AuditQuery): Checkpoints {
  const newest = async (
    condition: string,
    values: readonly unknown[],
  ): Promise<StoredCheckpoint | null> =>
    (
      await rowsOf(
        checkpointRow,
        query,
        `SELECT ${CHECKPOINT} FROM "AuditCheckpoint" c WHERE ${condition} ORDER BY c."size" DESC LIMIT 1`,
        values,
      )
    )[0] ?? null;
  return {
    lockCheckpoints: async () =>
      void (await query(`SELECT 1 AS "done" FROM audit_lock_checkpoints()`, [])),
    latestCheckpoint: () => newest("true", []),
    checkpointAtMost: (most) => newest(`c."size" <= $1::bigint`, [most]),
    checkpoints: (before, limit) =>
      rowsOf(
        checkpointRow,
        query,
        `SELECT ${CHECKPOINT} FROM "AuditCheckpoint" c WHERE ($1::bigint IS NULL OR c."size" < $1::bigint) ORDER BY c."size" DESC LIMIT $2::bigint`,
        [before, limit],
      ),
    checkpointsAfter: (after, limit) =>
      rowsOf(
        checkpointRow,
        query,
        `SELECT ${CHECKPOINT} FROM "AuditCheckpoint" c WHERE c."size" > $1::bigint ORDER BY c."size" LIMIT $2::bigint`,
        [after, limit],
      ),
    spreadCheckpoints: (below, limit) =>
      rowsOf(
        checkpointRow,
        query,
        `SELECT ${CHECKPOINT} FROM "AuditCheckpoint" c WHERE c."size" IN (
           SELECT max(b."size") FROM "AuditCheckpoint" b WHERE b."size" > 0 AND b."size" < $1::bigint
           GROUP BY width_bucket(b."size"::numeric, 0, $1::numeric, $2::int)
         ) ORDER BY c."size"`,
        [below, limit],
      ),
    recordCheckpoint: async ({ size: at, root, note, reason }) =>
      void (await query(
        `SELECT 1 AS "done" FROM audit_record_checkpoint($1::bigint, decode($2::text, 'hex'), $3::text, $4::text)`,
        [at, Buffer.from(root).toString("hex"), note, reason],
      )),
  };
}
