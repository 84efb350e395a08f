import { judgeHeldNotes, readHeldNotes, type WitnessVerdict } from "#lib/domain/audit/witnessed.ts";
import type { NoteKey } from "#lib/domain/audit/signed-note.ts";
import { newId } from "../../new-id.ts";
import type { Store } from "../../store.ts";
import type { AuditStore, StoredCheckpoint } from "../audit-store.ts";
import { verifyEd25519 } from "../signing-key.ts";
import { rootAt } from "../tree.ts";
import type { Witness } from "./witness.ts";

const AT_ONCE = 50;
const CLAIM_SECONDS = 120;
const FIRST_RETRY_SECONDS = 5;
const LONGEST_RETRY_SECONDS = 600;
/** Notes of one witness that are compared: the newest, and others spread over its whole past. */
const COMPARED = 200;
const MAX_PROBLEM_CHARS = 300;

export type WitnessAnswer = {
  readonly name: string;
  readonly kind: Witness["kind"];
  readonly place: string;
  /** `unreachable`: it did not answer. `cannot_answer`: it takes checkpoints and tells nothing. */
  readonly verdict: WitnessVerdict["verdict"] | "unreachable" | "cannot_answer";
  readonly heldSize: number | null;
  readonly message: string;
};

/** What speaks against the trail, rather than for nothing in particular. */
export const isDisagreement = ({ verdict }: { readonly verdict: string | null }): boolean => verdict === "rolled_back" || verdict === "forked" || verdict === "strange";

export type WitnessDesk = {
  readonly witnesses: readonly Witness[];
  /** Hands every witness the checkpoints it has not had yet, oldest first. Never rejects for what a witness does. */
  handDue(): Promise<void>;
  /** Asks every witness what it holds and compares that with the trail as it is now. */
  askAll(): Promise<readonly WitnessAnswer[]>;
};

type Parts = { readonly store: Store; readonly auditStore: AuditStore; readonly witnesses: readonly Witness[]; trustedKeys(): Promise<readonly NoteKey[]> };

const problemOf = (error: unknown): string => {
  const text = error instanceof Error ? (error.cause instanceof Error ? `${error.message} (${error.cause.message})` : error.message) : String(error);
  return text.slice(0, MAX_PROBLEM_CHARS).toWellFormed();
};

const retrySeconds = (failures: number): number => Math.min(LONGEST_RETRY_SECONDS, FIRST_RETRY_SECONDS * 2 ** Math.min(failures, 10));

export function createWitnessDesk({ store, auditStore, witnesses, trustedKeys }: Parts): WitnessDesk {
  /** False when it was not taken: what follows waits. */
  async function handOne(witness: Witness, { size, root, note, reason }: StoredCheckpoint): Promise<boolean> {
    const startedMs = performance.now();
    const problem = await witness.hand({ size, root, note }).then(() => null, problemOf);
    const attempt = { id: newId(), witness: witness.name, size, reason, tookMs: Math.round(performance.now() - startedMs), problem };
    await store.telemetry(({ witnessing }, now) => witnessing.recordWitnessAttempt(attempt, retrySeconds, now));
    return problem === null;
  }

  async function handTo(witness: Witness): Promise<void> {
    const { name, kind, place } = witness;
    const latest = await auditStore.latestCheckpoint();
    if (latest === null) return;
    const known = (await store.read((db) => db.witnessing.witnessStandings())).find((one) => one.name === name);
    if (known?.place === place && Number(known.deliveredSize) >= latest.size) return;
    const standing = await store.telemetry(async ({ witnessing }) => {
      // One that is new here is handed the newest checkpoint first: it covers all before it.
      await witnessing.nameWitness({ name, kind, place }, latest.size - 1);
      return witnessing.claimWitness(name, CLAIM_SECONDS);
    });
    if (standing === null) return;
    try {
      for (const checkpoint of await auditStore.checkpointsAfter(Number(standing.deliveredSize), AT_ONCE)) {
        if (!(await handOne(witness, checkpoint))) return;
      }
    } finally {
      await store.telemetry(({ witnessing }) => witnessing.releaseWitness(name));
    }
  }

  async function ask(witness: Witness): Promise<Omit<WitnessAnswer, "name" | "kind" | "place">> {
    let notes: readonly string[] | null;
    try {
      notes = await witness.held(COMPARED);
    } catch (error) {
      return { verdict: "unreachable", heldSize: null, message: problemOf(error) };
    }
    if (notes === null) return { verdict: "cannot_answer", heldSize: null, message: "It takes checkpoints and cannot be asked for them: ask its keeper." };
    const held = readHeldNotes(notes, await trustedKeys(), verifyEd25519);
    // After the notes: the trail grows, and what a witness holds was signed before it got there.
    const { size } = await auditStore.head();
    const sizes = new Set([...held.ours, ...held.byOtherKeys].map((checkpoint) => checkpoint.size).filter((at) => at > 0 && at <= size));
    const roots = new Map<number, Uint8Array>();
    for (const at of sizes) roots.set(at, await rootAt(auditStore, at));
    return judgeHeldNotes(held, { size, rootAt: (at) => roots.get(at) ?? new Uint8Array(0) });
  }

  return {
    witnesses,
    async handDue() {
      await Promise.all(witnesses.map(handTo));
    },
    async askAll() {
      return Promise.all(
        witnesses.map(async (witness) => {
          const { name, kind, place } = witness;
          const answer = await ask(witness);
          const latest = await auditStore.latestCheckpoint();
          await store.telemetry(async ({ witnessing }, now) => {
            await witnessing.nameWitness({ name, kind, place }, Math.max(0, (latest?.size ?? 0) - 1));
            await witnessing.recordWitnessAnswer(name, answer, now);
          });
          return { name, kind, place, ...answer };
        }),
      );
    },
  };
}
