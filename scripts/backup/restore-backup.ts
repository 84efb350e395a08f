import { createReadStream } from "node:fs";
import { chmod, copyFile, mkdir, readFile, stat } from "node:fs/promises";
import { basename, join } from "node:path";
import { createInterface } from "node:readline";
import type { ArtifactStore } from "#lib/server/artifacts/artifact-store.ts";
import { type Client, escapeIdentifier } from "pg";
import { migrate, readMigrations } from "../migrate.ts";
import { withClient } from "../postgres/roles.ts";
import { BackupProblem, type Manifest, tableFile, verifyBackup } from "./manifest.ts";

const ROWS_AT_ONCE = 500;

export type RestoreTarget = {
  /** Owns the tables; applies migrations. */
  readonly ownerUrl: string;
  /** May put rows past triggers and foreign keys. */
  readonly superuserUrl: string;
  readonly appRole: string;
  readonly dataDirectory: string;
  readonly artifacts: ArtifactStore;
};

export type Restored = {
  readonly manifest: Manifest;
  /** Entries of the trail that were signed later than this backup and are not in it; 0 when nothing signed is lost. Null when nothing here says. */
  readonly lostEntries: number | null;
};

/** Size in the second line of a signed checkpoint; null for what is none. */
const sizeOf = (note: string | null): number | null => {
  const line = note?.split("\n")[1] ?? "";
  return /^\d{1,15}$/.test(line) ? Number(line) : null;
};

async function requireEmpty(client: Client): Promise<void> {
  const { rows } = await client.query<{ there: boolean }>(`SELECT to_regclass('public."Install"') IS NOT NULL AS there`);
  if (rows[0]?.there !== true) return;
  const { rowCount } = await client.query(`SELECT 1 FROM "Install"`);
  if (rowCount !== 0) throw new BackupProblem("This database holds an installation already. Restore into an empty one.");
}

type TriggerState = { readonly relation: string; readonly name: string; readonly enabled: string };
const VERBS: Readonly<Record<string, string>> = { A: "ENABLE ALWAYS", O: "ENABLE", R: "ENABLE REPLICA", D: "DISABLE" };

async function triggersOf(client: Client): Promise<readonly TriggerState[]> {
  const { rows } = await client.query<TriggerState>(
    `SELECT t.tgrelid::regclass::text AS relation, t.tgname AS name, t.tgenabled AS enabled FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
     WHERE NOT t.tgisinternal AND c.relnamespace = 'public'::regnamespace`,
  );
  return rows;
}

async function restoreTable(client: Client, directory: string, { name, columns, rows }: Manifest["tables"][number]): Promise<void> {
  const table = `public.${escapeIdentifier(name)}`;
  const present = await client.query<{ attname: string }>("SELECT attname FROM pg_attribute WHERE attrelid = $1::regclass AND attnum > 0 AND NOT attisdropped ORDER BY attnum", [table]);
  if (present.rows.map(({ attname }) => attname).join() !== columns.join()) throw new BackupProblem(`The table ${name} has other columns than the backup.`);
  // Rows that migrations made are in the backup too.
  await client.query(`DELETE FROM ${table}`);
  let waiting: string[] = [];
  let written = 0;
  const flush = async (): Promise<void> => {
    if (waiting.length === 0) return;
    await client.query(`INSERT INTO ${table} SELECT (r::${table}).* FROM unnest($1::text[]) AS r`, [waiting]);
    written += waiting.length;
    waiting = [];
  };
  for await (const line of createInterface({ input: createReadStream(tableFile(directory, name)), crlfDelay: Infinity })) {
    waiting.push(String(JSON.parse(line)));
    if (waiting.length >= ROWS_AT_ONCE) await flush();
  }
  await flush();
  if (written !== rows) throw new BackupProblem(`The table ${name} got ${written} of ${rows} rows.`);
}

/** All rows in one transaction: a restore that breaks off leaves an empty database. Guards are put to sleep for it and wake as they were. */
async function restoreRows(client: Client, directory: string, { tables, sequences }: Manifest): Promise<void> {
  await client.query("BEGIN");
  await client.query("SET LOCAL session_replication_role = replica");
  const guards = (await triggersOf(client)).filter(({ enabled }) => enabled === "A");
  for (const { relation, name } of guards) await client.query(`ALTER TABLE ${relation} DISABLE TRIGGER ${escapeIdentifier(name)}`);
  for (const table of tables) await restoreTable(client, directory, table);
  for (const { name, value, isCalled } of sequences) await client.query("SELECT setval($1::regclass, $2::bigint, $3)", [`public.${escapeIdentifier(name)}`, value, isCalled]);
  for (const { relation, name, enabled } of guards) await client.query(`ALTER TABLE ${relation} ${VERBS[enabled] ?? "ENABLE"} TRIGGER ${escapeIdentifier(name)}`);
  await client.query("COMMIT");
}

/** Keys go back where there are none. A newer `last-signed` that is there already stays: it is what shows that signed entries are lost. */
async function restoreKeys(directory: string, dataDirectory: string, { keys, audit }: Manifest): Promise<number | null> {
  const folder = join(dataDirectory, "audit");
  await mkdir(folder, { recursive: true, mode: 0o700 });
  for (const { name } of keys) {
    const target = join(folder, name);
    if (await stat(target).catch(() => null)) continue;
    await copyFile(join(directory, "keys", name), target);
    await chmod(target, name === "signing-key" ? 0o400 : 0o644);
  }
  const signed = sizeOf(await readFile(join(folder, "last-signed"), "utf8").catch(() => null));
  return signed === null ? null : Math.max(0, signed - audit.entries);
}

/** Puts a verified backup into an empty database and its files beside it. */
export async function restoreBackup(directory: string, target: RestoreTarget): Promise<Restored> {
  const found = await verifyBackup(directory);
  const known = readMigrations();
  const unknown = found.migrations.filter((name) => !known.some((one) => one.name === name));
  if (unknown.length > 0) throw new BackupProblem(`The backup is of a newer version: ${unknown.join(", ")} is not known here.`);
  await withClient(target.ownerUrl, requireEmpty);
  // As it was when the backup was taken, then the rows, then what has come since.
  await migrate(target.ownerUrl, { migrations: known.filter(({ name }) => found.migrations.includes(name)), appRole: target.appRole });
  await withClient(target.superuserUrl, (client) => restoreRows(client, directory, found));
  await migrate(target.ownerUrl, { appRole: target.appRole });
  for (const { path } of found.artifacts) {
    const bytes = createReadStream(join(directory, "artifacts", path));
    await (await target.artifacts.stage(bytes, { maxBytes: Infinity, name: path, pointer: "", declaredDigest: `sha256:${basename(path)}` })).keep();
  }
  return { manifest: found, lostEntries: await restoreKeys(directory, target.dataDirectory, found) };
}
