import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";

const sha256 = z.string().regex(/^[0-9a-f]{64}$/);

/** What a backup holds, written last: a folder without it is a backup that was broken off. */
export const manifest = z.strictObject({
  format: z.literal("slipway-backup/1"),
  takenAt: z.iso.datetime(),
  slipwayVersion: z.string(),
  installId: z.string(),
  /** Applied when it was taken. */
  migrations: z.array(z.string()),
  tables: z.array(z.strictObject({ name: z.string(), columns: z.array(z.string()), rows: z.number().int(), sha256 })),
  sequences: z.array(z.strictObject({ name: z.string(), value: z.string(), isCalled: z.boolean() })),
  artifacts: z.array(z.strictObject({ path: z.string(), sha256 })),
  keys: z.array(z.strictObject({ name: z.string(), sha256 })),
  /** Entries of the audit trail in it, and the newest signed checkpoint. */
  audit: z.strictObject({ entries: z.number().int(), checkpoint: z.string().nullable() }),
});
export type Manifest = z.output<typeof manifest>;

/** Says what is wrong, for a person at the terminal. */
export class BackupProblem extends Error {
  override readonly name = "BackupProblem";
}

export async function fileSha256(file: string): Promise<string> {
  const hash = createHash("sha256");
  for await (const chunk of createReadStream(file)) hash.update(chunk as Buffer);
  return hash.digest("hex");
}

export const tableFile = (directory: string, table: string): string => join(directory, "tables", `${table}.rows`);

/** Where an artifact lies in a backup, below `artifacts/`. */
export const artifactPath = (digest: string): string => {
  const hex = digest.slice("sha256:".length);
  return join("sha256", hex.slice(0, 2), hex.slice(2, 4), hex);
};

export async function readManifest(directory: string): Promise<Manifest> {
  let text: string;
  try {
    text = await readFile(join(directory, "manifest.json"), "utf8");
  } catch {
    throw new BackupProblem(`${directory} holds no complete backup: there is no manifest.json.`);
  }
  const parsed = manifest.safeParse(JSON.parse(text));
  if (!parsed.success) throw new BackupProblem(`${directory} holds a backup of another version, or a damaged one.`);
  return parsed.data;
}

/** Every file read again and compared with the manifest. Throws `BackupProblem` naming the first that differs. */
export async function verifyBackup(directory: string): Promise<Manifest> {
  const found = await readManifest(directory);
  const files = [
    ...found.tables.map(({ name, sha256: expected }) => ({ file: tableFile(directory, name), expected })),
    ...found.artifacts.map(({ path, sha256: expected }) => ({ file: join(directory, "artifacts", path), expected })),
    ...found.keys.map(({ name, sha256: expected }) => ({ file: join(directory, "keys", name), expected })),
  ];
  for (const { file, expected } of files) {
    const actual = await fileSha256(file).catch(() => null);
    if (actual === null) throw new BackupProblem(`${file} is missing.`);
    if (actual !== expected) throw new BackupProblem(`${file} is not what was backed up.`);
  }
  return found;
}
