import { equalBytes } from "#lib/domain/audit/bytes.ts";
import { CHAIN_START } from "#lib/domain/audit/chain.ts";
import { formatCheckpoint, openCheckpoint } from "#lib/domain/audit/checkpoint.ts";
import { frontierRoot } from "#lib/domain/audit/merkle.ts";
import type { NoteKey } from "#lib/domain/audit/signed-note.ts";
import { signNote } from "#lib/domain/audit/signed-note.ts";
import { AuditFault } from "./audit-fault.ts";
import type { AuditFiles } from "./audit-files.ts";
import { readLastSigned, writeLastSigned } from "./audit-files.ts";
import type {
  AuditHead,
  AuditStore,
  AuditTransactions,
  CheckpointReason,
  StoredCheckpoint,
} from "./audit-store.ts";
import type { Position } from "./replay-leaves.ts";
import { replayLeaves } from "./replay-leaves.ts";
import { sha256 } from "./sha256.ts";
import type { SigningKey } from "./signing-key.ts";
import { verifyEd25519 } from "./signing-key.ts";
import { frontierAt, rootAt } from "./tree.ts";

export const CHECKPOINT_EVERY_EVENTS = 256;
export const CHECKPOINT_EVERY_SECONDS = 60;
/** One signature never covers more new entries than this, so that a transaction stays short however far behind we are. */
const MAX_STEP = 20_000;
const PAGE = 1_000;

export type SignerContext = {
  readonly transact: AuditTransactions;
  readonly files: AuditFiles;
  readonly key: SigningKey;
  /** While the key is changed: the one before it, whose signatures stand, and which signs along if it is still there. */
  readonly before?: { readonly key: NoteKey; readonly coSigner: SigningKey | null };
};

/** Why a checkpoint is owed now, or `null`. */
export function dueReason(
  head: Pick<AuditHead, "size" | "forcedSize">,
  latest: Pick<StoredCheckpoint, "size" | "signedAt"> | null,
  now: Date,
): CheckpointReason | null {
  const signed = latest?.size ?? 0;
  if (head.size <= signed) return null;
  if (head.forcedSize > signed) return "forced";
  if (latest === null) return "start";
  if (head.size - signed >= CHECKPOINT_EVERY_EVENTS) return "count";
  return now.getTime() - latest.signedAt.getTime() >= CHECKPOINT_EVERY_SECONDS * 1_000
    ? "interval"
    : null;
}

/**
 * Signs the tree as it stands if a checkpoint is owed (or `asked` for and there is something new). Serialised over all replicas.
 * Before signing, everything since the previous checkpoint is derived again from the leaves' bytes, on top of a tree that still has the root signed
 * then: a tree that does not extend what was signed is never signed (C2SP tlog-checkpoint). Rejects with AuditFault.
 */
export async function signCheckpoint(
  context: SignerContext,
  asked: CheckpointReason | null,
): Promise<StoredCheckpoint | null> {
  let newest: StoredCheckpoint | null = null;
  for (;;) {
    const { checkpoint, more } = await context.transact((store) => signOnce(store, context, asked));
    if (checkpoint !== null) newest = checkpoint;
    if (!more) return newest;
  }
}

type Step = { readonly checkpoint: StoredCheckpoint | null; readonly more: boolean };

async function signOnce(
  store: AuditStore,
  context: SignerContext,
  asked: CheckpointReason | null,
): Promise<Step> {
  await store.lockCheckpoints();
  const head = await store.head();
  const latest = await store.latestCheckpoint();
  const now = await store.now();
  const reason = dueReason(head, latest, now) ?? (head.size > (latest?.size ?? 0) ? asked : null);
  if (reason === null) return { checkpoint: null, more: false };

  const start = await provenStart(store, context, head, latest);
  const target = Math.min(head.size, start.frontier.size + MAX_STEP);
  const end = await replayTo(store, start, target);
  if (target === head.size) requireHead(head, end);

  const root = frontierRoot(end.frontier, sha256);
  const coSigner = context.before?.coSigner ?? null;
  const note = signNote(
    formatCheckpoint({ origin: context.key.name, size: target, root }),
    coSigner === null ? [context.key] : [coSigner, context.key],
  );
  // The file first: a signature that exists anywhere must be remembered outside the database.
  await writeLastSigned(context.files, note);
  await store.recordCheckpoint({ size: target, root, note, reason });
  return {
    checkpoint: { size: target, root, note, reason, signedAt: now },
    more: target < head.size,
  };
}

/** Where the previous signature stands, after checking that the stored tree still has the roots that were signed. */
async function provenStart(
  store: AuditStore,
  context: SignerContext,
  head: AuditHead,
  latest: StoredCheckpoint | null,
): Promise<Position> {
  const trusted = trustedKeys(context);
  await requireNoRollback(store, context.files, trusted, head);
  if (latest === null) return { frontier: { size: 0, hashes: [] }, chainHash: CHAIN_START };
  requireOwnSignature(latest, trusted);
  const frontier = await frontierAt(store, latest.size);
  if (!equalBytes(frontierRoot(frontier, sha256), latest.root)) {
    throw new AuditFault(
      "AUDIT_INCONSISTENT",
      `The tree no longer has the root that was signed at ${latest.size} entries.`,
    );
  }
  const [last] = await store.leaves(latest.size - 1, latest.size);
  if (last === undefined)
    throw new AuditFault("AUDIT_HEAD_INCONSISTENT", `Entry ${latest.size - 1} is missing.`);
  return { frontier, chainHash: last.chainHash };
}

export const trustedKeys = ({
  key,
  before,
}: Pick<SignerContext, "key" | "before">): readonly NoteKey[] =>
  before === undefined ? [key] : [key, before.key];

/** The newest checkpoint in the database must be ours: else two keys are signing one log. */
export function requireOwnSignature(latest: StoredCheckpoint, trusted: readonly NoteKey[]): void {
  const opened = openCheckpoint(latest.note, trusted, verifyEd25519);
  if (!opened.ok && opened.refusal === "unknown_key") {
    throw new AuditFault(
      "AUDIT_KEY_MISMATCH",
      `The checkpoint at ${latest.size} entries was signed by another key than the one here.`,
    );
  }
  if (
    !opened.ok ||
    opened.checkpoint.size !== latest.size ||
    !equalBytes(opened.checkpoint.root, latest.root)
  ) {
    throw new AuditFault(
      "AUDIT_INCONSISTENT",
      `The stored checkpoint at ${latest.size} entries is not what was signed.`,
    );
  }
}

/** The database must hold at least what this data directory saw signed, with the same root. */
export async function requireNoRollback(
  store: Pick<AuditStore, "nodes">,
  files: AuditFiles,
  trusted: readonly NoteKey[],
  head: Pick<AuditHead, "size">,
): Promise<void> {
  const signed = await readLastSigned(files, trusted);
  if (signed === null) return;
  if (head.size < signed.size) {
    throw new AuditFault(
      "AUDIT_ROLLBACK_DETECTED",
      `The database holds ${head.size} audit entries, but ${signed.size} were already signed.`,
    );
  }
  if (!equalBytes(await rootAt(store, signed.size), signed.root)) {
    throw new AuditFault(
      "AUDIT_INCONSISTENT",
      `The first ${signed.size} audit entries are not the ones that were signed.`,
    );
  }
}

async function replayTo(store: AuditStore, start: Position, target: number): Promise<Position> {
  let position = start;
  while (position.frontier.size < target) {
    const from = position.frontier.size;
    const replayed = replayLeaves(
      position,
      await store.leaves(from, Math.min(from + PAGE, target)),
    );
    // Nothing is pruned above the newest checkpoint: what is signed is derived from texts.
    const [pruned] = replayed.ok ? replayed.missing : [];
    if (pruned !== undefined) throw new AuditFault("AUDIT_HEAD_INCONSISTENT", `Audit entry ${pruned}: its text is missing, and no checkpoint covers it.`);
    if (!replayed.ok)
      throw new AuditFault(
        "AUDIT_HEAD_INCONSISTENT",
        `Audit entry ${replayed.seq}: ${replayed.message}.`,
      );
    if (replayed.position.frontier.size === from) {
      throw new AuditFault("AUDIT_HEAD_INCONSISTENT", `Audit entry ${from} is missing.`);
    }
    position = replayed.position;
  }
  return position;
}

/** The stored head must be exactly where the entries lead. */
export function requireHead(head: AuditHead, end: Position): void {
  const same =
    head.size === end.frontier.size &&
    head.frontier.length === end.frontier.hashes.length &&
    head.frontier.every((hash, index) =>
      equalBytes(hash, end.frontier.hashes[index] ?? new Uint8Array(0)),
    ) &&
    equalBytes(head.chainHash, end.chainHash);
  if (!same)
    throw new AuditFault(
      "AUDIT_HEAD_INCONSISTENT",
      `The stored head at ${head.size} entries does not fit the entries.`,
    );
}
