import { z } from "zod";
import type { GuardReport } from "#lib/server/audit/audit-store.ts";

/** Every guard of migrations 0002 and 0171, as `table.trigger`. */
const EXPECTED_TRIGGERS = [
  ...["AuditEvent", "AuditTarget", "AuditNode", "AuditCheckpoint", "AuditPruning"].map(
    (table) => `${table}.audit_no_change`,
  ),
  ...["AuditEvent", "AuditTarget", "AuditNode", "AuditHead", "AuditCheckpoint", "AuditPruning"].map(
    (table) => `${table}.audit_no_truncate`,
  ),
  "AuditHead.audit_no_delete",
  "AuditHead.audit_forward_only",
  "AuditPruning.audit_allowed",
];

const report = z.object({
  triggers: z.array(z.string()),
  rights: z.array(z.string()),
  owns: z.boolean(),
  encoding: z.string(),
});

/**
 * What protects the audit tables on this server, as seen by the connected role. Only `tgenabled = 'A'` counts: any other setting
 * lets a session with session_replication_role = replica slip past.
 */
export async function readGuards(
  query: (text: string, values: readonly unknown[]) => Promise<unknown>,
): Promise<GuardReport> {
  const rows = await query(
    `WITH tables AS (
       SELECT c.oid, c.relname, c.relowner FROM pg_class c
       WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r'
         AND c.relname IN ('AuditEvent', 'AuditTarget', 'AuditNode', 'AuditHead', 'AuditCheckpoint', 'AuditPruning')
     )
     SELECT
       ARRAY(SELECT t.relname || '.' || g.tgname FROM pg_trigger g JOIN tables t ON t.oid = g.tgrelid
         WHERE g.tgenabled = 'A' AND NOT g.tgisinternal)::text[] AS "triggers",
       ARRAY(SELECT t.relname || ': ' || p.name FROM tables t, unnest(ARRAY['INSERT', 'UPDATE', 'DELETE', 'TRUNCATE', 'TRIGGER']) AS p (name)
         WHERE has_table_privilege(t.oid, p.name))::text[] AS "rights",
       EXISTS (SELECT 1 FROM tables t WHERE pg_has_role(t.relowner, 'MEMBER')) AS "owns",
       pg_encoding_to_char((SELECT d.encoding FROM pg_database d WHERE d.datname = current_database()))::text AS "encoding"`,
    [],
  );
  const [row] = z.array(report).parse(rows);
  if (row === undefined) throw new Error("The database did not answer about its guards.");
  return {
    missingTriggers: EXPECTED_TRIGGERS.filter((name) => !row.triggers.includes(name)),
    excessRights: row.rights,
    rolesSeparated: !row.owns && row.rights.length === 0,
    encoding: row.encoding,
  };
}
