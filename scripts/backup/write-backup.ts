import { createHash } from "node:crypto";
import { createWriteStream } from "node:fs";
import { copyFile, mkdir, rename, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { pipeline } from "node:stream/promises";
import { once } from "node:events";
import type { ArtifactStore } from "#lib/server/artifacts/artifact-store.ts";
import { type Client, escapeIdentifier } from "pg";
import { readMigrations } from "../migrate.ts";
import { withClient } from "../postgres/roles.ts";
import { artifactPath, BackupProblem, type Manifest, fileSha256, tableFile } from "./manifest.ts";

const ROWS_AT_ONCE = 1000;
const KEYS = ["signing-key", "verifier-key", "last-signed"] as const;

export type BackupSource = {
  /** A role that may read every table; the control plane's own is enough. */
  readonly databaseUrl: string;
  readonly dataDirectory: string;
  readonly artifacts: ArtifactStore;
  readonly slipwayVersion: string;
};

/** Every row as PostgreSQL writes it, one JSON text a line: the same bytes come back whatever the type. */
async function writeTable(client: Client, directory: string, name: string): Promise<Manifest["tables"][number]> {
  const table = escapeIdentifier(name);
  const columns = await client.query<{ attname: string }>(
    "SELECT attname FROM pg_attribute WHERE attrelid = $1::regclass AND attnum > 0 AND NOT attisdropped ORDER BY attnum", [`public.${table}`],
  );
  const file = createWriteStream(tableFile(directory, name), { mode: 0o600 });
  const hash = createHash("sha256");
  let rows = 0;
  await client.query(`DECLARE backup_rows NO SCROLL CURSOR FOR SELECT t::text AS row FROM public.${table} t`);
  for (;;) {
    const batch = await client.query<{ row: string }>(`FETCH ${ROWS_AT_ONCE} FROM backup_rows`);
    if (batch.rows.length === 0) break;
    const text = batch.rows.map(({ row }) => `${JSON.stringify(row)}\n`).join("");
    hash.update(text);
    rows += batch.rows.length;
    if (!file.write(text)) await once(file, "drain");
  }
  await client.query("CLOSE backup_rows");
  file.end();
  await once(file, "finish");
  return { name, columns: columns.rows.map(({ attname }) => attname), rows, sha256: hash.digest("hex") };
}

async function databasePart(client: Client, directory: string) {
  // One snapshot: what the rows say of each other is true.
  await client.query("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY");
  const install = await client.query<{ installId: string }>(`SELECT "installId"::text AS "installId" FROM "Install"`);
  const [identity] = install.rows;
  if (identity === undefined) throw new BackupProblem("There is no installation in this database.");
  const names = await client.query<{ relname: string }>(
    "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' AND relname <> '_prisma_migrations' ORDER BY relname",
  );
  const tables: Manifest["tables"] = [];
  for (const { relname } of names.rows) tables.push(await writeTable(client, directory, relname));
  const listed = await client.query<{ sequencename: string }>("SELECT sequencename FROM pg_sequences WHERE schemaname = 'public' ORDER BY sequencename");
  const sequences: Manifest["sequences"] = [];
  for (const { sequencename: name } of listed.rows) {
    const [state] = (await client.query<{ value: string; called: boolean }>(`SELECT last_value::text AS value, is_called AS called FROM public.${escapeIdentifier(name)}`)).rows;
    if (state !== undefined) sequences.push({ name, value: state.value, isCalled: state.called });
  }
  const head = await client.query<{ size: string }>(`SELECT "size"::text AS size FROM "AuditHead"`);
  const checkpoint = await client.query<{ note: string }>(`SELECT "note" FROM "AuditCheckpoint" ORDER BY "size" DESC LIMIT 1`);
  await client.query("COMMIT");
  const audit = { entries: Number(head.rows[0]?.size ?? 0), checkpoint: checkpoint.rows[0]?.note ?? null };
  return { installId: identity.installId, tables, sequences, audit };
}

/** Files of the artifact store, wherever that is; they never change, their name is their digest. Taken after the rows that name them. */
async function copyArtifacts(store: ArtifactStore, to: string): Promise<Manifest["artifacts"]> {
  const copied: Manifest["artifacts"] = [];
  for await (const digest of store.digests()) {
    const bytes = await store.open(digest);
    // Swept in the meantime: nothing named it.
    if (bytes === null) continue;
    const path = artifactPath(digest);
    const target = join(to, path);
    await mkdir(dirname(target), { recursive: true, mode: 0o700 });
    await pipeline(bytes, createWriteStream(target, { mode: 0o600 }));
    copied.push({ path, sha256: await fileSha256(target) });
  }
  return copied;
}

/** A whole backup into a folder that does not exist yet: rows, artifacts, keys of the audit trail, and a manifest with the hash of each. */
export async function writeBackup(source: BackupSource, directory: string, takenAt: Date): Promise<Manifest> {
  const part = `${directory}.part`;
  for (const folder of ["tables", "artifacts", "keys"]) await mkdir(join(part, folder), { recursive: true, mode: 0o700 });
  const database = await withClient(source.databaseUrl, (client) => databasePart(client, part));
  const artifacts = await copyArtifacts(source.artifacts, join(part, "artifacts"));
  const keys: Manifest["keys"] = [];
  for (const name of KEYS) {
    const copy = join(part, "keys", name);
    const isThere = await copyFile(join(source.dataDirectory, "audit", name), copy).then(() => true, () => false);
    if (isThere) keys.push({ name, sha256: await fileSha256(copy) });
  }
  const written: Manifest = {
    format: "slipway-backup/1", takenAt: takenAt.toISOString(), slipwayVersion: source.slipwayVersion,
    migrations: readMigrations().map(({ name }) => name), ...database, artifacts, keys,
  };
  await writeFile(join(part, "manifest.json"), `${JSON.stringify(written, null, 1)}\n`, { mode: 0o600 });
  await rename(part, directory);
  return written;
}
