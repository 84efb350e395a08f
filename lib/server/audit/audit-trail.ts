import type { AuditFiles } from "./audit-files.ts";
import { writeVerifierKey } from "./audit-files.ts";
import { AuditFault } from "./audit-fault.ts";
import type { AuditStore, AuditTransactions, StoredCheckpoint } from "./audit-store.ts";
import type { AuditProblem } from "./check-audit-state.ts";
import { checkAuditState } from "./check-audit-state.ts";
import type { ExportRequest } from "./export-audit-bundle.ts";
import { exportAuditBundle } from "./export-audit-bundle.ts";
import type { AuditEventProof } from "./prove-audit-event.ts";
import { proveAuditEvent } from "./prove-audit-event.ts";
import type { NoteKey } from "#lib/domain/audit/signed-note.ts";
import { signNote } from "#lib/domain/audit/signed-note.ts";
import type { SignerContext } from "./sign-checkpoint.ts";
import { signCheckpoint } from "./sign-checkpoint.ts";
import { createSigningKey, readSigningKey } from "./signing-key.ts";
import type { TrailReport, VerifyTrailOptions } from "./verify-audit-trail.ts";
import { verifyAuditTrail } from "./verify-audit-trail.ts";

/** The audit trail of one installation, opened with its key: what the composition root holds on to. */
export type AuditTrail = {
  /** Identity of the log: first line of every checkpoint. */
  readonly origin: string;
  /** The verifier key to hand out. */
  readonly vkey: string;
  /** Keys whose signatures are ours, at this moment. */
  readonly trustedKeys: () => Promise<readonly NoteKey[]>;
  /** Guards, head and signatures, quickly. Empty: nothing wrong. */
  readonly check: () => Promise<readonly AuditProblem[]>;
  /**
   * Signs when a checkpoint is owed: 256 entries, 60 s, or at once when a transaction forced one. To be called after such a commit and by the
   * controller's tick; what is owed stands in the database, so a crash in between delays it to the next tick. Rejects with AuditFault.
   */
  readonly signIfDue: () => Promise<StoredCheckpoint | null>;
  /** Signs whatever is new, before an export. */
  readonly signNow: () => Promise<StoredCheckpoint | null>;
  /** A C2SP signed note over this text, by the key that signs checkpoints. */
  readonly signStatement: (text: string) => Promise<string>;
  readonly prove: (seq: number) => Promise<AuditEventProof | "missing" | "unsigned">;
  /** Lines of a bundle under the newest checkpoint; `null` when the log is empty. Signs first. */
  readonly exportBundle: (
    request: Omit<ExportRequest, "origin">,
  ) => Promise<AsyncGenerator<string> | null>;
  readonly verify: (options?: Omit<VerifyTrailOptions, "trusted">) => Promise<TrailReport>;
};

export type AuditTrailOptions = {
  /** Outside transactions, on connections that need not write. */
  readonly store: AuditStore;
  /** READ COMMITTED, writing. */
  readonly transact: AuditTransactions;
  /** One snapshot. */
  readonly snapshot: AuditTransactions;
  readonly files: AuditFiles;
  /** `slipway.local/<install id>` unless set otherwise; becomes the name of the key. */
  readonly origin: string;
};

/**
 * Opens the trail; makes the signing key when the log has never been signed. Rejects with AuditFault when the key is missing, damaged or of another log:
 * a log that was signed once is never quietly continued with a new key.
 */
export async function openAuditTrail(options: AuditTrailOptions): Promise<AuditTrail> {
  const { store, transact, snapshot, files, origin } = options;
  let key = (await readSigningKey(files.signingKey, origin)) ?? (await firstKey(options));
  await writeVerifierKey(files, key);
  /** Read anew each time, so that a changed key takes effect at once and a removed one is noticed. */
  const context = async (): Promise<SignerContext> => {
    const current = await readSigningKey(files.signingKey, origin);
    if (current === null)
      throw new AuditFault(
        "AUDIT_KEY_MISSING",
        `The audit signing key ${files.signingKey} is no longer there.`,
      );
    key = current;
    return { transact, files, key };
  };
  const signNow = async (): Promise<StoredCheckpoint | null> =>
    signCheckpoint(await context(), "asked");
  return {
    origin,
    get vkey() {
      return key.vkey;
    },
    trustedKeys: async () => [(await context()).key],
    check: async () => checkAuditState(snapshot, await context()),
    signIfDue: oneAtATime(async () => signCheckpoint(await context(), null)),
    signNow,
    signStatement: async (text) => signNote(text, [(await context()).key]),
    prove: (seq) => proveAuditEvent(store, seq),
    exportBundle: async (request) => {
      await signNow();
      return exportAuditBundle(store, { ...request, origin });
    },
    verify: async (verification = {}) =>
      verifyAuditTrail(store, { ...verification, trusted: [key] }),
  };
}

async function firstKey({
  store,
  files,
  origin,
}: AuditTrailOptions): ReturnType<typeof createSigningKey> {
  if ((await store.latestCheckpoint()) !== null) {
    throw new AuditFault(
      "AUDIT_KEY_MISSING",
      `This log was signed before, but its key ${files.signingKey} is not there.`,
    );
  }
  try {
    return await createSigningKey(files.signingKey, origin);
  } catch (error) {
    // Another replica on the same data directory was first: use its key.
    const made = await readSigningKey(files.signingKey, origin);
    if (made === null) throw error;
    return made;
  }
}

/** Calls that arrive while one runs share the next run, which sees everything committed before they came. */
function oneAtATime<T>(work: () => Promise<T>): () => Promise<T> {
  let running: Promise<unknown> = Promise.resolve();
  let next: Promise<T> | null = null;
  return () => {
    next ??= running
      .catch(() => undefined)
      .then(() => {
        next = null;
        const run = work();
        running = run;
        return run;
      });
    return next;
  };
}
