import type { BundleManifest } from "./bundle.ts";
import type { HashFunction } from "./bytes.ts";
import { CHAIN_START } from "./chain.ts";
import type { Checkpoint } from "./checkpoint.ts";
import type { Frontier } from "./merkle.ts";
import { EMPTY_FRONTIER } from "./merkle.ts";
import { noneMissing, type MissingTexts, type PruningAct } from "./pruning.ts";
import type { NoteKey, VerifySignature } from "./signed-note.ts";

/** What the bundle verifier answers, and what it keeps in mind from line to line. */

export type BundleFacts = {
  readonly manifest: BundleManifest;
  readonly checkpoint: Checkpoint;
  /** Keys of yours that signed the checkpoint. */
  readonly signedBy: readonly NoteKey[];
  readonly entriesChecked: number;
  readonly earlierChecked: number;
  /** Earlier checkpoints signed by keys that were not given. */
  readonly earlierIgnored: number;
  readonly sinceSize: number | null;
  /** Checkpoints that witnesses kept and that were compared. */
  readonly witnessed: number;
  /** Entries whose text was pruned: their hash is proven, what they said is not there. */
  readonly prunedTexts: number;
  /** Acts of pruning that stand in the file. */
  readonly prunings: readonly PruningAct[];
};

export type BundleVerdict =
  | { readonly status: "valid"; readonly facts: BundleFacts }
  /** `seq` is the first bad entry; with `throughSeq` it is somewhere from `seq` to there. `null`: not one entry's fault. */
  | {
      readonly status: "tampered";
      readonly seq: number | null;
      readonly throughSeq: number | null;
      readonly line: number;
      readonly message: string;
    }
  | { readonly status: "malformed"; readonly line: number; readonly message: string }
  | { readonly status: "untrusted"; readonly line: number; readonly message: string };

export type BundleVerifierOptions = {
  readonly trusted: readonly NoteKey[];
  /** Text of a checkpoint that the reader kept from before. */
  readonly since: string | null;
  /** Checkpoints that places outside kept, each as its signed note. */
  readonly witnessed?: readonly string[];
  readonly hash: HashFunction;
  readonly verifySignature: VerifySignature;
};

/** A root that the tree must have when it reaches this size. */
export type Milestone = { readonly size: number; readonly root: Uint8Array; readonly what: string };

export type BundleState = {
  line: number;
  manifest: BundleManifest | null;
  checkpoint: Checkpoint | null;
  signedBy: readonly NoteKey[];
  since: Checkpoint | null;
  sinceProven: boolean;
  /** What witnesses kept, by trusted keys, and how many of them were met so far. */
  witnessed: readonly Checkpoint[];
  earlier: Checkpoint[];
  earlierIgnored: number;
  milestones: readonly Milestone[] | null;
  milestonesMet: number;
  frontier: Frontier;
  chain: Uint8Array;
  entries: number;
  firstSeq: number | null;
  lastSeq: number | null;
  readonly missing: MissingTexts;
  readonly prunings: PruningAct[];
};

export const freshState = (): BundleState => ({
  line: 0,
  manifest: null,
  checkpoint: null,
  signedBy: [],
  since: null,
  sinceProven: false,
  witnessed: [],
  earlier: [],
  earlierIgnored: 0,
  milestones: null,
  milestonesMet: 0,
  frontier: EMPTY_FRONTIER,
  chain: CHAIN_START,
  entries: 0,
  firstSeq: null,
  lastSeq: null,
  missing: noneMissing(),
  prunings: [],
});

export const malformed = (state: BundleState, message: string): BundleVerdict => ({
  status: "malformed",
  line: state.line,
  message,
});

export const tampered = (
  state: BundleState,
  message: string,
  seq: number | null = null,
  throughSeq: number | null = null,
): BundleVerdict => ({ status: "tampered", seq, throughSeq, line: state.line, message });
