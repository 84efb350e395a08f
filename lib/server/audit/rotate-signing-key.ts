import { readFile, rename } from "node:fs/promises";
import type { AuditActor } from "#lib/domain/audit/leaf.ts";
import type { NoteKey } from "#lib/domain/audit/signed-note.ts";
import { parseVerifierKey } from "#lib/domain/audit/signed-note.ts";
import { toHex } from "#lib/domain/audit/bytes.ts";
import { appendAuditEvents } from "./append-audit-events.ts";
import type { AuditFiles } from "./audit-files.ts";
import { writeVerifierKey } from "./audit-files.ts";
import { AuditFault } from "./audit-fault.ts";
import type { AuditTransactions, StoredCheckpoint } from "./audit-store.ts";
import { isMissing } from "./durable-file.ts";
import { sha256 } from "./sha256.ts";
import type { SignerContext } from "./sign-checkpoint.ts";
import { signCheckpoint } from "./sign-checkpoint.ts";
import type { SigningKey } from "./signing-key.ts";
import { createSigningKey, readSigningKey } from "./signing-key.ts";

const SIGN_ATTEMPTS = 5;

export type RotationRequest = {
  readonly transact: AuditTransactions;
  readonly files: AuditFiles;
  readonly origin: string;
  readonly actor: AuditActor;
  readonly reason: string;
};

export type Rotation = {
  readonly before: string;
  readonly after: string;
  /** Signed by both keys, or by the new one alone when the old one was lost. */
  readonly checkpoint: StoredCheckpoint;
};

/**
 * Changes the signing key: an entry `audit.key_rotated` names both keys, one checkpoint over it is signed by both, then the new key takes the old
 * one's place. Works with a lost private key too, as long as `verifier-key` is there; the checkpoint then has the new signature only, and readers
 * must be told. Safe to run again after a crash. A running control plane on the same data directory takes the new key at its next signature; other
 * replicas sign again once they have the new file.
 */
export async function rotateSigningKey(request: RotationRequest): Promise<Rotation> {
  const { transact, files, origin } = request;
  const old = await readSigningKey(files.signingKey, origin);
  const before = old ?? (await handedOutKey(files));
  const next =
    (await readSigningKey(files.nextKey, origin)) ??
    (await createSigningKey(files.nextKey, origin));
  const vkey = old?.vkey ?? (await readFile(files.verifierKey, "utf8")).trim();
  const context = { transact, files, key: next, before: { key: before, coSigner: old } };
  const checkpoint = await signWithBoth(context, () =>
    recordRotation(request, vkey, next, old === null),
  );
  if (old !== null) await rename(files.signingKey, `${files.signingKey}.retired-${toHex(old.id)}`);
  await rename(files.nextKey, files.signingKey);
  await writeVerifierKey(files, next);
  return { before: vkey, after: next.vkey, checkpoint };
}

/** A control plane that runs meanwhile may sign the entry with the old key first; a further entry then gives us something to sign. */
async function signWithBoth(
  context: SignerContext,
  record: () => Promise<unknown>,
): Promise<StoredCheckpoint> {
  for (let attempt = 0; attempt < SIGN_ATTEMPTS; attempt += 1) {
    await record();
    const checkpoint = await signCheckpoint(context, "key");
    if (checkpoint !== null) return checkpoint;
  }
  throw new Error(
    "Another signer was faster each time. Stop the control plane and run this again.",
  );
}

async function handedOutKey(files: AuditFiles): Promise<NoteKey> {
  try {
    const key = parseVerifierKey((await readFile(files.verifierKey, "utf8")).trim(), sha256);
    if (key !== null) return key;
  } catch (error) {
    if (!isMissing(error)) throw error;
  }
  throw new AuditFault(
    "AUDIT_KEY_MISSING",
    `Neither ${files.signingKey} nor ${files.verifierKey} is there: nothing says which key this log had.`,
  );
}

function recordRotation(
  request: RotationRequest,
  before: string,
  next: SigningKey,
  isLost: boolean,
): Promise<unknown> {
  return request.transact(async (store) =>
    appendAuditEvents(
      store,
      {
        drafts: [
          {
            action: "audit.key_rotated",
            targets: [{ type: "audit-key", id: next.vkey, name: next.name, digest: null }],
            before: { vkey: before, privateKeyLost: isLost },
            after: { vkey: next.vkey },
            reason: request.reason,
          },
        ],
        actor: request.actor,
        context: { requestId: null, ip: null, userAgent: null, idempotencyKey: null },
        forceCheckpoint: true,
      },
      await store.now(),
    ),
  );
}
