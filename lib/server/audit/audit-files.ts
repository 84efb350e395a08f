import { readFile } from "node:fs/promises";
import path from "node:path";
import type { Checkpoint } from "#lib/domain/audit/checkpoint.ts";
import { openCheckpoint } from "#lib/domain/audit/checkpoint.ts";
import type { NoteKey } from "#lib/domain/audit/signed-note.ts";
import { AuditFault } from "./audit-fault.ts";
import { isMissing, replaceDurableFile } from "./durable-file.ts";
import type { SigningKey } from "./signing-key.ts";
import { verifyEd25519 } from "./signing-key.ts";

/** What is kept outside the database, so that the database alone cannot forge or forget. */
export type AuditFiles = {
  /** Private; the same on every replica. */
  readonly signingKey: string;
  /** The key to hand out; for convenience only. */
  readonly verifierKey: string;
  /** A new key on its way to becoming `signingKey`. */
  readonly nextKey: string;
  /** The newest checkpoint that this data directory saw signed. */
  readonly lastSigned: string;
};

const MODE_PUBLIC = 0o644;

/** `keyFile` when the key comes from elsewhere, such as a mounted secret. */
export function auditFiles(dataDirectory: string, keyFile?: string): AuditFiles {
  const directory = path.join(dataDirectory, "audit");
  return {
    signingKey: keyFile ?? path.join(directory, "signing-key"),
    verifierKey: path.join(directory, "verifier-key"),
    nextKey: `${keyFile ?? path.join(directory, "signing-key")}.next`,
    lastSigned: path.join(directory, "last-signed"),
  };
}

/**
 * The checkpoint that was signed last, as far as this directory knows; `null` when none was. Rejects when the file
 * holds something that these keys have not signed: it must not be possible to calm the check by writing a small number there.
 */
export async function readLastSigned(
  files: AuditFiles,
  trusted: readonly NoteKey[],
): Promise<Checkpoint | null> {
  let note: string;
  try {
    note = await readFile(files.lastSigned, "utf8");
  } catch (error) {
    if (isMissing(error)) return null;
    throw error;
  }
  const opened = openCheckpoint(note, trusted, verifyEd25519);
  if (!opened.ok) {
    throw new AuditFault(
      "AUDIT_INCONSISTENT",
      `${files.lastSigned} does not hold a checkpoint signed by this log's key.`,
    );
  }
  return opened.checkpoint;
}

export function writeLastSigned(files: AuditFiles, note: string): Promise<void> {
  return replaceDurableFile(files.lastSigned, note, MODE_PUBLIC);
}

export function writeVerifierKey(files: AuditFiles, key: SigningKey): Promise<void> {
  return replaceDurableFile(files.verifierKey, `${key.vkey}\n`, MODE_PUBLIC);
}
