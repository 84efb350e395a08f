import type { NodeRef } from "#lib/domain/audit/merkle.ts";

/**
 * The audit tables as this folder sees them. One instance speaks on one connection or in one transaction; sizes and sequence
 * numbers are safe integers (a million events a day reach 2^53 after 24 million years).
 */

export type AuditHead = {
  readonly size: number;
  readonly chainHash: Uint8Array;
  readonly frontier: readonly Uint8Array[];
  /** A checkpoint at this size or later is owed at once. */
  readonly forcedSize: number;
};

export type StoredLeaf = {
  readonly seq: number;
  /** The exact bytes; the canonical JSON text in UTF-8. */
  readonly leaf: Uint8Array;
  readonly leafHash: Uint8Array;
  readonly chainHash: Uint8Array;
  /** There when the text was pruned: `leaf` is empty then, the hashes stand. */
  readonly pruned?: PrunedText | null;
};

/** What is left of an entry whose text was pruned, and why it was. Unlike the hashes, nothing proves these words. */
export type PrunedText = Pick<StoredColumns, "id" | "occurredAt" | "action" | "crud" | "outcome" | "actorType"> & {
  readonly rule: string;
  readonly at: string;
};

/** What audit_append took out of the leaf for filtering. `occurredAt` as RFC 3339 with milliseconds. */
export type StoredColumns = {
  readonly id: string;
  readonly occurredAt: string;
  readonly action: string;
  readonly crud: string;
  readonly outcome: string;
  readonly actorType: string;
  readonly actorId: string | null;
  readonly actorName: string;
  readonly modelId: string | null;
  readonly versionId: string | null;
  readonly endpointId: string | null;
  readonly environmentId: string | null;
  readonly releaseId: string | null;
  readonly requestId: string | null;
  readonly idempotencyKey: string | null;
  readonly targets: readonly StoredTarget[];
};

export type StoredTarget = {
  readonly type: string;
  readonly id: string;
  readonly name: string | null;
  readonly digest: string | null;
};

export type StoredCheckpoint = {
  readonly size: number;
  readonly root: Uint8Array;
  readonly note: string;
  readonly reason: CheckpointReason;
  readonly signedAt: Date;
};

export const CHECKPOINT_REASONS = ["forced", "count", "interval", "start", "asked", "key"] as const;
export type CheckpointReason = (typeof CHECKPOINT_REASONS)[number];

/** Which entries; every part that is given must hold. Times are of `occurredAt`: from inclusive, to exclusive. */
export type AuditFilter = {
  readonly actions?: readonly string[];
  readonly outcomes?: readonly string[];
  readonly actorTypes?: readonly string[];
  readonly actorId?: string;
  readonly modelId?: string;
  readonly versionId?: string;
  readonly endpointId?: string;
  readonly environmentId?: string;
  readonly releaseId?: string;
  readonly requestId?: string;
  /** Any target of the entry, whatever its place in the list. */
  readonly target?: { readonly type?: string; readonly id: string };
  readonly from?: Date;
  readonly to?: Date;
  readonly fromSeq?: number;
  readonly toSeq?: number;
};

export type AuditPage = {
  /** Only entries before (descending) or after (ascending) this number. */
  readonly cursor: number | null;
  readonly order: "ascending" | "descending";
  readonly limit: number;
};

export type SelectionSummary = {
  readonly count: number;
  readonly firstSeq: number | null;
  readonly lastSeq: number | null;
};

/** How the tables are protected on this server. */
export type GuardReport = {
  /** Guard triggers that are missing or asleep, as `table.trigger`. */
  readonly missingTriggers: readonly string[];
  /** Rights on audit tables that the connected role should not have, as `table: right`. */
  readonly excessRights: readonly string[];
  /** The connected role neither owns the tables nor can become their owner. */
  readonly rolesSeparated: boolean;
  /** `UTF8` is the only encoding in which leaves are kept byte for byte. */
  readonly encoding: string;
};

export type AuditStore = {
  /** Last statement of a writing transaction: orders the trail. Answers the first new sequence number. */
  append(leaves: readonly string[], forceCheckpoint: boolean): Promise<number>;
  head(): Promise<AuditHead>;
  /** The database clock. */
  now(): Promise<Date>;
  /** Entries [from, to), ascending. */
  leaves(from: number, to: number): Promise<readonly StoredLeaf[]>;
  /** The same with their filter columns. */
  rows(from: number, to: number): Promise<readonly (StoredLeaf & StoredColumns)[]>;
  /** Hashes of full subtrees and leaves, in the order asked for. Rejects when one is missing. */
  nodes(refs: readonly NodeRef[]): Promise<readonly Uint8Array[]>;
  /** How many subtrees are stored of the tree of this size, and how many belong to no entries at all. For the full check. */
  nodeCounts(size: number): Promise<{ readonly within: number; readonly stray: number }>;

  select(filter: AuditFilter, page: AuditPage): Promise<readonly StoredLeaf[]>;
  /** The numbers of the entries that stand at these positions (from 0) of the filtered trail below `size`, in the order asked for. */
  seqsAt(filter: AuditFilter, size: number, positions: readonly number[]): Promise<readonly number[]>;
  /** Of entries below `size`. */
  summarise(filter: AuditFilter, size: number): Promise<SelectionSummary>;

  /** Holds back other signers until the transaction ends. */
  lockCheckpoints(): Promise<void>;
  latestCheckpoint(): Promise<StoredCheckpoint | null>;
  /** The newest checkpoint of at most this size. */
  checkpointAtMost(size: number): Promise<StoredCheckpoint | null>;
  /** Newest first, below `before` when it is given. */
  checkpoints(before: number | null, limit: number): Promise<readonly StoredCheckpoint[]>;
  /** Above `size`, ascending. */
  checkpointsAfter(size: number, limit: number): Promise<readonly StoredCheckpoint[]>;
  /** At most `limit` checkpoints below `size`, spread over the trail, ascending. */
  spreadCheckpoints(size: number, limit: number): Promise<readonly StoredCheckpoint[]>;
  recordCheckpoint(checkpoint: Omit<StoredCheckpoint, "signedAt">): Promise<void>;

  guards(): Promise<GuardReport>;
  /** Prunes the oldest texts that are past `days`, at most `limit`; null when there are none. The caller appends the entry that tells of it. */
  prune(terms: { readonly days: number; readonly rule: string; readonly kept: readonly string[]; readonly limit: number }): Promise<Pruned | null>;
};

export type Pruned = { readonly fromSeq: number; readonly toSeq: number; readonly texts: number; readonly cutoff: string };

/** Runs `work` in one transaction. */
export type AuditTransactions = <T>(work: (store: AuditStore) => Promise<T>) => Promise<T>;
