import type { BundleEntry, BundleManifest } from "./bundle.ts";
import { parseEntryLine } from "./bundle.ts";
import { readCheckpoint, readConsistency, readEarlier, readManifest } from "./bundle-head.ts";
import type {
  BundleFacts,
  BundleState,
  BundleVerdict,
  BundleVerifierOptions,
  Milestone,
} from "./bundle-verdict.ts";
import { freshState, malformed, tampered } from "./bundle-verdict.ts";
import type { HashFunction } from "./bytes.ts";
import { equalBytes, toBase64, utf8 } from "./bytes.ts";
import { isCanonicalJson } from "./canonical-json-scan.ts";
import { nextChainHash } from "./chain.ts";
import type { Checkpoint } from "./checkpoint.ts";
import { appendLeaf, EMPTY_FRONTIER, frontierRoot, leafHash } from "./merkle.ts";
import { parseLeaf } from "./leaf.ts";
import { rootFromInclusion } from "./merkle-verify.ts";
import { noteMissing, PRUNING_ACTION, pruningActOf, unexplained } from "./pruning.ts";

/**
 * Judges a bundle line by line in constant memory. Knows nothing of files, clocks or Slipway: only the pinned keys are believed.
 */

export type BundleVerifier = {
  /** Feeds the next line, without its line feed; `null` when it is not UTF-8. Answers as soon as the verdict is known; stop then. */
  readonly line: (text: string | null) => BundleVerdict | null;
  /** `cutShort`: the file ended inside a line. */
  readonly end: (cutShort: boolean) => BundleVerdict;
};

export function createBundleVerifier(options: BundleVerifierOptions): BundleVerifier {
  const state = freshState();
  const line = (text: string | null): BundleVerdict | null => {
    state.line += 1;
    if (text === null) return notText(state);
    if (text.endsWith("\r"))
      return malformed(state, "lines end in CR LF: a program has rewritten the file");
    if (state.manifest === null) return readManifest(state, text);
    if (state.checkpoint === null) return readCheckpoint(state, state.manifest, text, options);
    return readBody(state, state.manifest, state.checkpoint, text, options);
  };
  return { line, end: (cutShort) => conclude(state, cutShort, options) };
}

function notText(state: BundleState): BundleVerdict {
  return state.manifest === null
    ? malformed(state, "the file is not UTF-8 text")
    : tampered(
        state,
        "the line is not UTF-8 text",
        state.manifest.scope === "all" ? state.frontier.size : null,
      );
}

function readBody(
  state: BundleState,
  manifest: BundleManifest,
  checkpoint: Checkpoint,
  text: string,
  options: BundleVerifierOptions,
): BundleVerdict | null {
  if (state.entries === 0) {
    if (text.startsWith('{"earlier":') && manifest.scope === "all")
      return readEarlier(state, checkpoint, text, options);
    if (text.startsWith('{"consistency":') && manifest.scope === "selection") {
      return readConsistency(state, checkpoint, text, options);
    }
  }
  const entry = parseEntryLine(text, manifest.scope);
  const expected = manifest.scope === "all" ? state.frontier.size : null;
  if (entry === null || (entry.leaf === null && manifest.v === 1))
    return tampered(
      state,
      "the line is not an entry as Slipway writes it",
      expected ?? looseSeq(text),
    );
  if (entry.leaf !== null && !isCanonicalJson(entry.leaf)) {
    return tampered(state, "the entry's text is not canonical JSON", expected ?? entry.seq);
  }
  return entry.scope === "all"
    ? checkInOrder(state, checkpoint, entry, options.hash)
    : checkBySelf(state, checkpoint, entry, options.hash);
}

/** The number an unreadable line seems to carry, for the message only. */
function looseSeq(text: string): number | null {
  const match = /"seq":([0-9]{1,15})\}$/.exec(text);
  return match?.[1] === undefined ? null : Number(match[1]);
}

function milestonesOf(state: BundleState, checkpoint: Checkpoint): readonly Milestone[] {
  const earlier = state.earlier.map(({ size, root }) => ({
    size,
    root,
    what: `the signed checkpoint at ${size}`,
  }));
  const since =
    state.since === null
      ? []
      : [{ ...state.since, what: `your checkpoint at ${state.since.size}` }];
  const last = {
    size: checkpoint.size,
    root: checkpoint.root,
    what: `the signed checkpoint at ${checkpoint.size}`,
  };
  const witnessed = state.witnessed.map(({ size, root }) => ({ size, root, what: `the checkpoint at ${size} that a witness kept` }));
  return [...earlier, ...since, ...witnessed, last]
    .filter(({ size }) => size > 0)
    .sort((a, b) => a.size - b.size);
}

function checkInOrder(
  state: BundleState,
  checkpoint: Checkpoint,
  entry: Extract<BundleEntry, { scope: "all" }>,
  hash: HashFunction,
): BundleVerdict | null {
  const expected = state.frontier.size;
  if (entry.seq !== expected) {
    return tampered(
      state,
      `entry ${expected} should stand here, the line says ${entry.seq}`,
      expected,
    );
  }
  if (expected >= checkpoint.size)
    return tampered(state, "the bundle goes on beyond its checkpoint", expected);
  const leaf = entry.leaf === null ? entry.hash : leafHash(utf8(entry.leaf), hash);
  state.chain = nextChainHash(state.chain, leaf, hash);
  if (toBase64(state.chain) !== entry.chain) {
    return tampered(state, "the entry's text does not lead to its chain hash", expected);
  }
  state.frontier = appendLeaf(state.frontier, leaf, hash).frontier;
  countEntry(state, entry);
  return checkMilestones(state, checkpoint, hash);
}

function countEntry(state: BundleState, { seq, leaf }: BundleEntry): void {
  state.entries += 1;
  state.firstSeq ??= seq;
  state.lastSeq = seq;
  if (leaf === null) noteMissing(state.missing, seq);
  else if (leaf.includes(PRUNING_ACTION)) {
    const read = parseLeaf(leaf);
    const act = read && pruningActOf(seq, read);
    if (act !== null) state.prunings.push(act);
  }
}

function checkMilestones(
  state: BundleState,
  checkpoint: Checkpoint,
  hash: HashFunction,
): BundleVerdict | null {
  state.milestones ??= milestonesOf(state, checkpoint);
  for (;;) {
    const next = state.milestones[state.milestonesMet];
    if (next?.size !== state.frontier.size) return null;
    if (!equalBytes(frontierRoot(state.frontier, hash), next.root)) {
      return tampered(
        state,
        `the entries do not lead to ${next.what}; all hashes beside them were made to fit`,
        state.milestones.findLast((met) => met.size < next.size)?.size ?? 0,
        next.size - 1,
      );
    }
    state.milestonesMet += 1;
  }
}

function checkBySelf(
  state: BundleState,
  checkpoint: Checkpoint,
  entry: Extract<BundleEntry, { scope: "selection" }>,
  hash: HashFunction,
): BundleVerdict | null {
  if (state.lastSeq !== null && entry.seq <= state.lastSeq)
    return tampered(state, "the entries are not in ascending order", entry.seq);
  const leaf = entry.leaf === null ? entry.hash : leafHash(utf8(entry.leaf), hash);
  const root = rootFromInclusion(entry.seq, checkpoint.size, leaf, entry.proof, hash);
  if (root === null || !equalBytes(root, checkpoint.root)) {
    return tampered(state, "the entry is not in the signed log at this place", entry.seq);
  }
  countEntry(state, entry);
  return null;
}

function conclude(
  state: BundleState,
  cutShort: boolean,
  options: BundleVerifierOptions,
): BundleVerdict {
  const { manifest, checkpoint } = state;
  if (cutShort) return malformed(state, "the file ends in the middle of a line");
  if (manifest === null) return malformed(state, "the file is empty");
  if (checkpoint === null) return malformed(state, "the file ends before its checkpoint");
  if (state.entries !== manifest.count) {
    const missing = manifest.scope === "all" ? state.frontier.size : null;
    return tampered(
      state,
      `the file ends after ${state.entries} of ${manifest.count} entries`,
      missing,
    );
  }
  if (manifest.firstSeq !== state.firstSeq || manifest.lastSeq !== state.lastSeq) {
    return tampered(state, "the manifest names another first or last entry than the file holds");
  }
  if (
    checkpoint.size === 0 &&
    !equalBytes(frontierRoot(EMPTY_FRONTIER, options.hash), checkpoint.root)
  ) {
    return tampered(state, "the checkpoint of an empty log has a root that is not the empty one");
  }
  const unproven = manifest.scope === "all" ? undefined : state.witnessed.find(({ size }) => size !== checkpoint.size && !state.earlier.some((one) => one.size === size));
  if (unproven !== undefined) {
    return malformed(state, `a selection holds no proof from the checkpoint at ${unproven.size} entries that a witness kept; export everything to compare it`);
  }
  const gone = manifest.scope === "all" ? unexplained(state.missing, state.prunings) : null;
  if (gone !== null) return tampered(state, gone.message, gone.seq);
  if (manifest.scope === "all") state.sinceProven = true;
  if (state.since !== null && !state.sinceProven) {
    return malformed(
      state,
      `the bundle holds no proof from your checkpoint at ${state.since.size} entries; export again with that checkpoint, or export everything`,
    );
  }
  return { status: "valid", facts: factsOf(state, manifest, checkpoint) };
}

function factsOf(
  state: BundleState,
  manifest: BundleManifest,
  checkpoint: Checkpoint,
): BundleFacts {
  return {
    manifest,
    checkpoint,
    signedBy: state.signedBy,
    entriesChecked: state.entries,
    earlierChecked: state.earlier.length,
    earlierIgnored: state.earlierIgnored,
    sinceSize: state.since?.size ?? null,
    witnessed: state.witnessed.length,
    prunedTexts: state.missing.count,
    prunings: state.prunings,
  };
}
