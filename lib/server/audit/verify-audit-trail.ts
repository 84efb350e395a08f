import { equalBytes } from "#lib/domain/audit/bytes.ts";
import { CHAIN_START } from "#lib/domain/audit/chain.ts";
import { openCheckpoint } from "#lib/domain/audit/checkpoint.ts";
import { LEAF_COLUMNS, leafColumns } from "#lib/domain/audit/leaf-columns.ts";
import { parseLeaf } from "#lib/domain/audit/leaf.ts";
import type { MerkleNode } from "#lib/domain/audit/merkle.ts";
import { EMPTY_FRONTIER, frontierRoot } from "#lib/domain/audit/merkle.ts";
import type { NoteKey } from "#lib/domain/audit/signed-note.ts";
import { noneMissing, noteMissing, PRUNING_ACTION, pruningActOf, unexplained, type PruningAct } from "#lib/domain/audit/pruning.ts";
import { AuditFault } from "./audit-fault.ts";
import type {
  AuditHead,
  AuditStore,
  StoredCheckpoint,
  StoredColumns,
  StoredLeaf,
} from "./audit-store.ts";
import type { Position } from "./replay-leaves.ts";
import { isTextPruned, replayLeaves } from "./replay-leaves.ts";
import { sha256 } from "./sha256.ts";
import { requireHead } from "./sign-checkpoint.ts";
import { verifyEd25519 } from "./signing-key.ts";

const PAGE = 1_000;
const CHECKPOINT_PAGE = 500;

export type TrailReport = {
  readonly intact: boolean;
  /** Entries that were found in order before the verdict. */
  readonly entriesChecked: number;
  readonly checkpointsChecked: number;
  /** Checkpoints signed by keys other than the given ones: their roots were compared, their signatures not. */
  readonly foreignCheckpoints: number;
  /** First bad entry, where the fault is one entry's. */
  readonly firstBadSeq: number | null;
  /** Entries whose text was pruned by rule: proven by hash alone. */
  readonly prunedTexts: number;
  readonly message: string;
  readonly verifiedAt: Date;
};

export type VerifyTrailOptions = {
  readonly trusted: readonly NoteKey[];
  readonly signal?: AbortSignal;
  readonly onProgress?: (entriesChecked: number, size: number) => void;
};

/**
 * The whole check inside the product: every entry's bytes, number, hash, chain, filter columns and targets, every stored subtree, every
 * checkpoint's root and signature, and the head. Constant memory; the event loop gets a turn at each page. What it cannot see: a trail rewritten
 * together with its key. For that there is the offline verifier and a checkpoint that somebody kept.
 */
export async function verifyAuditTrail(
  store: AuditStore,
  options: VerifyTrailOptions,
): Promise<TrailReport> {
  const head = await store.head();
  const walk: Walk = { store, options, position: START, checkpoints: [], checked: 0, foreign: 0, missing: noneMissing() };
  const fault = await firstFault(walk, head);
  return {
    intact: fault === null,
    entriesChecked: walk.position.frontier.size,
    checkpointsChecked: walk.checked,
    foreignCheckpoints: walk.foreign,
    firstBadSeq: fault?.seq ?? null,
    prunedTexts: walk.missing.count,
    message: fault?.message ?? soundMessage(head.size, walk.missing.count),
    verifiedAt: await store.now(),
  };
}

const soundMessage = (size: number, pruned: number): string =>
  pruned === 0 ? `All ${size} entries are as they were recorded.` : `All ${size} entries are as they were recorded; of ${pruned} the text was pruned by rule, and their hashes stand.`;

const START: Position = { frontier: EMPTY_FRONTIER, chainHash: CHAIN_START };

type Walk = {
  readonly store: AuditStore;
  readonly options: VerifyTrailOptions;
  position: Position;
  /** Checkpoints not yet reached, ascending; refilled as they are met. */
  checkpoints: readonly StoredCheckpoint[];
  checked: number;
  foreign: number;
  readonly missing: ReturnType<typeof noneMissing>;
};

type Fault = { readonly seq: number | null; readonly message: string };
type Row = StoredLeaf & StoredColumns;

async function firstFault(walk: Walk, head: AuditHead): Promise<Fault | null> {
  walk.checkpoints = await walk.store.checkpointsAfter(0, CHECKPOINT_PAGE);
  while (walk.position.frontier.size < head.size) {
    walk.options.signal?.throwIfAborted();
    const from = walk.position.frontier.size;
    const rows = await walk.store.rows(from, Math.min(from + PAGE, head.size));
    if (rows.length === 0) return { seq: from, message: `Entry ${from} is missing.` };
    const fault = columnFault(rows) ?? (await walkPage(walk, rows));
    if (fault !== null) return fault;
    walk.options.onProgress?.(walk.position.frontier.size, head.size);
  }
  return (await beyondHead(walk, head)) ?? (await pruningFault(walk)) ?? headFault(head, walk.position);
}

/** Every missing text must be told of by an act of pruning in the trail: by one below the head, or by one that came while we walked. */
async function pruningFault({ store, missing }: Walk): Promise<Fault | null> {
  if (missing.count === 0) return null;
  const acts: PruningAct[] = [];
  for (let cursor: number | null = null; ;) {
    const rows = await store.select({ actions: [PRUNING_ACTION] }, { cursor, order: "ascending", limit: PAGE });
    for (const { seq, leaf } of rows) {
      const read = parseLeaf(Buffer.from(leaf).toString("utf8"));
      const act = read && pruningActOf(seq, read);
      if (act !== null) acts.push(act);
    }
    cursor = rows.at(-1)?.seq ?? null;
    if (rows.length < PAGE) break;
  }
  const fault = unexplained(missing, acts);
  return fault && { seq: fault.seq, message: `${fault.message.charAt(0).toUpperCase()}${fault.message.slice(1)}.` };
}

/** Walks a page in stretches that end at the next checkpoint, and compares what the page completed with the stored subtrees. */
async function walkPage(walk: Walk, rows: readonly Row[]): Promise<Fault | null> {
  const completed: MerkleNode[] = [];
  let rest = rows;
  while (rest.length > 0) {
    const untilCheckpoint =
      (walk.checkpoints[0]?.size ?? Number.MAX_SAFE_INTEGER) - walk.position.frontier.size;
    const replayed = replayLeaves(walk.position, rest.slice(0, untilCheckpoint));
    if (!replayed.ok)
      return { seq: replayed.seq, message: `Entry ${replayed.seq}: ${replayed.message}.` };
    walk.position = replayed.position;
    for (const seq of replayed.missing) noteMissing(walk.missing, seq);
    completed.push(...replayed.completed);
    rest = rest.slice(untilCheckpoint);
    const fault = await meetCheckpoint(walk);
    if (fault !== null) return fault;
  }
  return nodeFault(walk.store, completed);
}

async function meetCheckpoint(walk: Walk): Promise<Fault | null> {
  const [checkpoint, ...later] = walk.checkpoints;
  if (checkpoint?.size !== walk.position.frontier.size) return null;
  if (!equalBytes(frontierRoot(walk.position.frontier, sha256), checkpoint.root)) {
    return {
      seq: null,
      message: `The entries do not lead to the root that was signed at ${checkpoint.size}.`,
    };
  }
  const opened = openCheckpoint(checkpoint.note, walk.options.trusted, verifyEd25519);
  if (
    opened.ok
      ? !equalBytes(opened.checkpoint.root, checkpoint.root) ||
        opened.checkpoint.size !== checkpoint.size
      : opened.refusal !== "unknown_key"
  ) {
    return {
      seq: null,
      message: `The checkpoint at ${checkpoint.size} entries is not what was signed.`,
    };
  }
  walk.checked += 1;
  if (!opened.ok) walk.foreign += 1;
  walk.checkpoints =
    later.length > 0 ? later : await walk.store.checkpointsAfter(checkpoint.size, CHECKPOINT_PAGE);
  return null;
}

/** Filter columns and targets must say what the leaf says: else a filter could hide an entry. */
function columnFault(rows: readonly Row[]): Fault | null {
  for (const row of rows) {
    if (isTextPruned(row)) {
      const { actorId, actorName, requestId, idempotencyKey, targets } = row;
      const isEmpty = actorName === "" && [actorId, requestId, idempotencyKey].every((value) => value === null) && targets.every(({ name, digest }) => name === null && digest === null);
      if (isEmpty) continue;
      return { seq: row.seq, message: `Entry ${row.seq} has no text, but columns that only its text could say.` };
    }
    const leaf = parseLeaf(Buffer.from(row.leaf).toString("utf8"));
    if (leaf === null) return { seq: row.seq, message: `Entry ${row.seq} cannot be read.` };
    const expected = leafColumns(leaf);
    const wrong = LEAF_COLUMNS.find((column) => row[column] !== expected[column]);
    if (wrong !== undefined)
      return {
        seq: row.seq,
        message: `The filter column ${wrong} of entry ${row.seq} differs from its text.`,
      };
    const same =
      row.targets.length === leaf.targets.length &&
      leaf.targets.every((target, index) => {
        const stored = row.targets[index];
        return (
          stored?.type === target.type &&
          stored.id === target.id &&
          stored.name === target.name &&
          stored.digest === target.digest
        );
      });
    if (!same)
      return {
        seq: row.seq,
        message: `The stored targets of entry ${row.seq} differ from its text.`,
      };
  }
  return null;
}

async function nodeFault(
  store: AuditStore,
  completed: readonly MerkleNode[],
): Promise<Fault | null> {
  const stored = await faultOf(() => store.nodes(completed));
  if ("message" in stored) return stored;
  const wrong = completed.find(
    (node, index) => !equalBytes(node.hash, stored.value[index] ?? new Uint8Array(0)),
  );
  return wrong === undefined
    ? null
    : {
        seq: null,
        message: `The stored subtree ${wrong.level}:${wrong.index} differs from its entries.`,
      };
}

/** No checkpoint beyond the head, no subtree that no entries completed. */
async function beyondHead(walk: Walk, head: AuditHead): Promise<Fault | null> {
  const newest = await walk.store.latestCheckpoint();
  // The trail grows while we walk: only a checkpoint beyond what is there by now is wrong.
  const now = await walk.store.head();
  if (newest !== null && newest.size > now.size) {
    return {
      seq: now.size,
      message: `A checkpoint covers ${newest.size} entries, but only ${now.size} are there.`,
    };
  }
  const expected = head.size - walk.position.frontier.hashes.length;
  const { within, stray } = await walk.store.nodeCounts(head.size);
  return within === expected && stray === 0
    ? null
    : {
        seq: null,
        message: `There are ${within + stray} stored subtrees where ${expected} belong to the entries.`,
      };
}

function headFault(head: AuditHead, end: Position): Fault | null {
  try {
    requireHead(head, end);
    return null;
  } catch (error) {
    if (error instanceof AuditFault) return { seq: null, message: error.message };
    throw error;
  }
}

async function faultOf<T>(read: () => Promise<T>): Promise<Fault | { readonly value: T }> {
  try {
    return { value: await read() };
  } catch (error) {
    if (error instanceof AuditFault) return { seq: null, message: error.message };
    throw error;
  }
}
