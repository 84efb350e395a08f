import type { Readable } from "node:stream";

/**
 * Where artifact bytes live, by their sha256. Bytes come in by staging: they are written and hashed where nobody sees them, and become part of the store
 * only when `keep` is called, all at once. Whatever is not kept leaves no trace.
 */
export type ArtifactStore = {
  /**
   * Writes a stream to a temporary file on the store's volume while hashing it, never holding more than one chunk.
   * Throws `payload_too_large` at the byte that passes the limit, `insufficient_storage` at the free-space floor, `invalid_input` when the digest is not the declared one,
   * `malformed_request` when the stream breaks off; in every case nothing stays behind.
   */
  stage(bytes: AsyncIterable<Uint8Array>, terms: StageTerms): Promise<StagedArtifact>;
  has(digest: string): Promise<boolean>;
  /** Size in bytes, or null when the store does not have it. */
  sizeOf(digest: string): Promise<number | null>;
  /** A stream of the whole, or of the bytes `start` to `end` (both included); null when the store does not have it. */
  open(digest: string, range?: ByteRange): Promise<Readable | null>;
  /** Digests of all that was kept, in their order. */
  digests(): AsyncIterable<string>;
  /**
   * Removes artifacts that nothing names and that were last kept longer than `olderThanMs` ago: uploads that were inspected but never registered.
   * Answers how many. Keeping the same bytes again starts their time anew.
   */
  sweep(isNamed: (digest: string) => Promise<boolean>, olderThanMs: number): Promise<number>;
  /** A file of this machine with these bytes, fetched first where the store is elsewhere. Throws `not_found` when the store does not have them. */
  localPath(digest: string): Promise<string>;
  /**
   * Hashes artifacts again, those first that were not looked at for longest, until `maxBytes` are read; answers the digests whose bytes are no longer theirs.
   */
  scrub(maxBytes: number): Promise<ScrubReport>;
};

export type ScrubReport = { readonly checked: number; readonly bytes: number; readonly damaged: readonly string[] };

export type ByteRange = { readonly start: number; readonly end: number };

export type StageTerms = {
  readonly maxBytes: number;
  /** Name of the file in messages, and the pointer of the request part it came in. */
  readonly name: string;
  readonly pointer: string;
  /** `sha256:<64 hex>` that the sender says it is. */
  readonly declaredDigest?: string | null;
  /** Size that the sender says it has; only used to refuse early. */
  readonly declaredBytes?: number | null;
};

/** Bytes that are written and hashed but not part of the store yet. End it with `keep` or `discard`; both may be called again. */
export type StagedArtifact = {
  readonly digest: string;
  readonly sizeBytes: number;
  /** The temporary file, for reading before it is kept; use `ArtifactStore.localPath` afterwards. */
  readonly path: string;
  /** Moves it into the store; `created` is false when the same bytes were there already. */
  keep(): Promise<{ readonly created: boolean }>;
  discard(): Promise<void>;
};

const digestPattern = /^sha256:[0-9a-f]{64}$/;

export function isArtifactDigest(text: string): boolean {
  return digestPattern.test(text);
}
