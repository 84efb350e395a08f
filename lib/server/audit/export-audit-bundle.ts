import type { BundleManifest, EntryText } from "#lib/domain/audit/bundle.ts";
import {
  BUNDLE_FORMAT,
  checkpointLine,
  consistencyLine,
  earlierLine,
  entryLine,
  manifestLine,
} from "#lib/domain/audit/bundle.ts";
import { toBase64 } from "#lib/domain/audit/bytes.ts";
import type { JsonObject } from "#lib/domain/audit/canonical-json.ts";
import type { NodeRef } from "#lib/domain/audit/merkle.ts";
import {
  consistencySpans,
  inclusionSpans,
  proofHashes,
  subtreesOf,
} from "#lib/domain/audit/merkle.ts";
import type { AuditFilter, AuditStore, StoredCheckpoint, StoredLeaf } from "./audit-store.ts";
import { PRUNING_ACTION } from "#lib/domain/audit/pruning.ts";
import { filterQuery, isWholeTrail } from "./describe-filter.ts";
import { hashSpans } from "./prove-audit-event.ts";
import { isTextPruned } from "./replay-leaves.ts";
import { sha256 } from "./sha256.ts";

const PAGE = 500;
/** Earlier checkpoints that a full export carries along: each narrows down where a forgery could hide. */
const EARLIER_CHECKPOINTS = 1_000;
/** Subtrees from this level up are shared by so many proofs that they are kept for the whole export (some 16 000 in a million entries). */
const KEPT_LEVEL = 6;

export type ExportRequest = {
  readonly origin: string;
  readonly filter: AuditFilter;
  /** The filter in words, for the manifest. */
  readonly statement: string;
  /** Size of a checkpoint that the reader holds: the bundle then proves that the log extends it. */
  readonly sinceSize?: number;
  readonly exportedAt: Date;
  readonly generator: string;
};

/**
 * The lines of a bundle, each with its line feed. Covers what the newest checkpoint covers, so sign one first. Reads page by page:
 * the trail below a checkpoint never changes but by pruning, so no long transaction is needed: a file that was being written while texts were pruned
 * is refused by the verifier, and the export is asked for again. `null` when nothing was ever signed.
 */
export async function exportAuditBundle(
  store: AuditStore,
  request: ExportRequest,
): Promise<AsyncGenerator<string> | null> {
  const checkpoint = await store.latestCheckpoint();
  return checkpoint === null ? null : bundleLines(store, request, checkpoint);
}

async function* bundleLines(
  store: AuditStore,
  request: ExportRequest,
  checkpoint: StoredCheckpoint,
): AsyncGenerator<string> {
  const whole = isWholeTrail(request.filter);
  yield `${manifestLine(await manifestOf(store, request, checkpoint, whole))}\n`;
  yield `${checkpointLine(checkpoint.note)}\n`;
  if (whole) {
    for (const { note } of await store.spreadCheckpoints(checkpoint.size, EARLIER_CHECKPOINTS))
      yield `${earlierLine(note)}\n`;
    yield* allEntries(store, checkpoint.size);
  } else {
    yield* consistencyFrom(store, request, checkpoint);
    yield* selectedEntries(store, request.filter, checkpoint.size);
  }
}

async function manifestOf(
  store: AuditStore,
  request: ExportRequest,
  checkpoint: StoredCheckpoint,
  whole: boolean,
): Promise<BundleManifest> {
  const summary = whole
    ? {
        count: checkpoint.size,
        firstSeq: checkpoint.size === 0 ? null : 0,
        lastSeq: checkpoint.size === 0 ? null : checkpoint.size - 1,
      }
    : await store.summarise(request.filter, checkpoint.size);
  const query: JsonObject | null = whole ? null : filterQuery(request.filter);
  return {
    format: BUNDLE_FORMAT,
    v: (await store.summarise({ actions: [PRUNING_ACTION] }, checkpoint.size)).count === 0 ? 1 : 2,
    origin: request.origin,
    scope: whole ? "all" : "selection",
    filter: request.statement.toWellFormed(),
    query,
    treeSize: checkpoint.size,
    ...summary,
    generator: request.generator,
    exportedAt: request.exportedAt.toISOString(),
  };
}

const textOf = (entry: StoredLeaf): EntryText =>
  isTextPruned(entry) ? { leaf: null, hash: entry.leafHash } : { leaf: Buffer.from(entry.leaf).toString("utf8"), hash: null };

async function* allEntries(store: AuditStore, size: number): AsyncGenerator<string> {
  for (let from = 0; from < size; from += PAGE) {
    for (const entry of await store.leaves(from, Math.min(from + PAGE, size))) {
      yield `${entryLine({ scope: "all", seq: entry.seq, ...textOf(entry), chain: toBase64(entry.chainHash) })}\n`;
    }
  }
}

async function* consistencyFrom(
  store: AuditStore,
  request: ExportRequest,
  checkpoint: StoredCheckpoint,
): AsyncGenerator<string> {
  const before = Math.min(request.sinceSize ?? checkpoint.size - 1, checkpoint.size - 1);
  const earlier = await store.checkpointAtMost(before);
  if (earlier === null || earlier.size === 0) return;
  const steps = await hashSpans(store, consistencySpans(earlier.size, checkpoint.size));
  yield `${consistencyLine(
    earlier.note,
    steps.map((step) => step.hash),
  )}\n`;
}

async function* selectedEntries(
  store: AuditStore,
  filter: AuditFilter,
  size: number,
): AsyncGenerator<string> {
  const kept = new Map<string, Uint8Array>();
  const bounded = { ...filter, toSeq: Math.min(filter.toSeq ?? size - 1, size - 1) };
  for (let cursor: number | null = null; ;) {
    const entries = await store.select(bounded, { cursor, order: "ascending", limit: PAGE });
    const nodes = await nodesFor(store, entries, size, kept);
    for (const entry of entries) {
      const proof = proofHashes(inclusionSpans(entry.seq, size), nodes, sha256);
      yield `${entryLine({ scope: "selection", seq: entry.seq, ...textOf(entry), proof })}\n`;
    }
    const last = entries.at(-1);
    if (last === undefined || entries.length < PAGE) return;
    cursor = last.seq;
  }
}

const nameOf = ({ level, index }: NodeRef): string => `${level}:${index}`;

/** Every subtree that the proofs of these entries need, in one query; the high ones come from the pages before. */
async function nodesFor(
  store: AuditStore,
  entries: readonly StoredLeaf[],
  size: number,
  kept: Map<string, Uint8Array>,
): Promise<(ref: NodeRef) => Uint8Array> {
  const wanted = new Map<string, NodeRef>();
  for (const entry of entries) {
    for (const ref of inclusionSpans(entry.seq, size).flatMap(subtreesOf)) {
      if (!kept.has(nameOf(ref))) wanted.set(nameOf(ref), ref);
    }
  }
  const refs = [...wanted.values()];
  const hashes = await store.nodes(refs);
  const here = new Map<string, Uint8Array>();
  refs.forEach((ref, index) => {
    const hash = hashes[index];
    if (hash !== undefined) (ref.level >= KEPT_LEVEL ? kept : here).set(nameOf(ref), hash);
  });
  return (ref) => {
    const hash = here.get(nameOf(ref)) ?? kept.get(nameOf(ref));
    if (hash === undefined) throw new Error(`The audit tree did not give the node ${nameOf(ref)}.`);
    return hash;
  };
}
