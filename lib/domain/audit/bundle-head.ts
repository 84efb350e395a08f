import type { BundleManifest } from "./bundle.ts";
import {
  parseCheckpointLine,
  parseConsistencyLine,
  parseEarlierLine,
  parseManifest,
} from "./bundle.ts";
import type { BundleState, BundleVerdict, BundleVerifierOptions } from "./bundle-verdict.ts";
import { malformed, tampered } from "./bundle-verdict.ts";
import { equalBytes, toBase64 } from "./bytes.ts";
import type { Checkpoint } from "./checkpoint.ts";
import { openCheckpoint } from "./checkpoint.ts";
import { verifyConsistency } from "./merkle-verify.ts";
import type { NoteKey } from "./signed-note.ts";

/** The lines of a bundle before its entries: what the log is, who signed it, and what it must extend. */

export function readManifest(state: BundleState, text: string): BundleVerdict | null {
  if (text.startsWith("\uFEFF"))
    return malformed(state, "the file starts with a byte order mark: a program has rewritten it");
  const manifest = parseManifest(text);
  if (manifest === null)
    return malformed(state, "this is not the first line of a Slipway audit bundle, version 1 or 2");
  state.manifest = manifest;
  return null;
}

/** A checkpoint by a trusted key, or the verdict that its absence is. */
function open(
  state: BundleState,
  note: string,
  what: string,
  { trusted, verifySignature }: BundleVerifierOptions,
): { checkpoint: Checkpoint; keys: readonly NoteKey[] } | BundleVerdict {
  const opened = openCheckpoint(note, trusted, verifySignature);
  if (opened.ok) return opened;
  switch (opened.refusal) {
    case "malformed":
      return tampered(state, `${what} is not a signed checkpoint`);
    case "bad_signature":
      return tampered(
        state,
        `the signature of ${what} is wrong: its text or its signature was changed`,
      );
    case "foreign_origin":
      return {
        status: "untrusted",
        line: state.line,
        message: `${what} speaks of another log than the one your key belongs to`,
      };
    case "unknown_key":
      return {
        status: "untrusted",
        line: state.line,
        message: `${what} is not signed by a key you gave`,
      };
  }
}

export function readCheckpoint(
  state: BundleState,
  manifest: BundleManifest,
  text: string,
  options: BundleVerifierOptions,
): BundleVerdict | null {
  const note = parseCheckpointLine(text);
  if (note === null) return tampered(state, "the second line is not a checkpoint");
  const opened = open(state, note, "the checkpoint", options);
  if ("status" in opened) return opened;
  const { checkpoint, keys } = opened;
  if (manifest.origin !== checkpoint.origin) {
    return tampered(
      state,
      `the manifest names the log ${manifest.origin}, the checkpoint ${checkpoint.origin}`,
    );
  }
  if (manifest.treeSize !== checkpoint.size) {
    return tampered(
      state,
      `the manifest speaks of ${manifest.treeSize} entries in the log, the checkpoint of ${checkpoint.size}`,
    );
  }
  if (manifest.scope === "all" && manifest.count !== checkpoint.size) {
    return tampered(
      state,
      `the manifest promises ${manifest.count} entries, the checkpoint covers ${checkpoint.size}`,
    );
  }
  state.checkpoint = checkpoint;
  state.signedBy = keys;
  return readWitnessed(state, checkpoint, options) ?? (options.since === null ? null : readSince(state, checkpoint, options.since, options));
}

/** What witnesses kept must be by a key that is believed, of this log, and of no more than the bundle covers. */
function readWitnessed(state: BundleState, checkpoint: Checkpoint, options: BundleVerifierOptions): BundleVerdict | null {
  const found = new Map<string, Checkpoint>();
  for (const note of options.witnessed ?? []) {
    const opened = open(state, note, "a checkpoint that a witness kept", options);
    if ("status" in opened) return opened.status === "tampered" ? malformed(state, opened.message) : opened;
    const { origin, size, root } = opened.checkpoint;
    if (origin !== checkpoint.origin) return { status: "untrusted", line: state.line, message: "a checkpoint that a witness kept is of another log" };
    if (size > checkpoint.size) {
      return tampered(state, `a witness kept a checkpoint of ${size} entries, this bundle covers only ${checkpoint.size}: it is an older export, or the log was cut`, checkpoint.size, size - 1);
    }
    if (size === checkpoint.size && !equalBytes(root, checkpoint.root)) return tampered(state, `at ${size} entries the log is not the one that a witness saw`);
    found.set(`${size} ${toBase64(root)}`, opened.checkpoint);
  }
  state.witnessed = [...found.values()];
  return null;
}

function readSince(
  state: BundleState,
  checkpoint: Checkpoint,
  note: string,
  options: BundleVerifierOptions,
): BundleVerdict | null {
  const opened = open(state, note, "the checkpoint you kept", options);
  if ("status" in opened)
    return opened.status === "tampered" ? malformed(state, opened.message) : opened;
  const since = opened.checkpoint;
  if (since.origin !== checkpoint.origin) {
    return {
      status: "untrusted",
      line: state.line,
      message: "the checkpoint you kept is of another log",
    };
  }
  if (since.size > checkpoint.size) {
    return tampered(
      state,
      `your checkpoint covers ${since.size} entries, this bundle only ${checkpoint.size}: it is an older export, or the log was cut`,
      checkpoint.size,
      since.size - 1,
    );
  }
  if (since.size === checkpoint.size && !equalBytes(since.root, checkpoint.root)) {
    return tampered(
      state,
      "your checkpoint and this one cover the same number of entries but not the same entries",
    );
  }
  state.since = since;
  state.sinceProven = since.size === checkpoint.size || since.size === 0;
  return null;
}

export function readEarlier(
  state: BundleState,
  checkpoint: Checkpoint,
  text: string,
  options: BundleVerifierOptions,
): BundleVerdict | null {
  const note = parseEarlierLine(text);
  if (note === null) return tampered(state, "an earlier checkpoint cannot be read");
  const opened = open(state, note, "an earlier checkpoint", options);
  if ("status" in opened) {
    if (opened.status !== "untrusted") return opened;
    state.earlierIgnored += 1;
    return null;
  }
  const { origin, size } = opened.checkpoint;
  const above = state.earlier.at(-1)?.size ?? -1;
  if (origin !== checkpoint.origin || size <= above || size >= checkpoint.size) {
    return tampered(state, "an earlier checkpoint is out of place");
  }
  state.earlier.push(opened.checkpoint);
  return null;
}

export function readConsistency(
  state: BundleState,
  checkpoint: Checkpoint,
  text: string,
  options: BundleVerifierOptions,
): BundleVerdict | null {
  const line = parseConsistencyLine(text);
  if (line === null || state.earlier.length > 0)
    return tampered(state, "the proof from an earlier checkpoint cannot be read");
  const opened = open(state, line.from, "the earlier checkpoint", options);
  if ("status" in opened) return opened;
  const from = opened.checkpoint;
  const claim = {
    oldSize: from.size,
    oldRoot: from.root,
    newSize: checkpoint.size,
    newRoot: checkpoint.root,
  };
  if (from.origin !== checkpoint.origin || !verifyConsistency(claim, line.proof, options.hash)) {
    return tampered(
      state,
      `the log does not extend its earlier checkpoint at ${from.size} entries`,
    );
  }
  state.earlier.push(from);
  const seen = state.witnessed.find(({ size }) => size === from.size);
  if (seen !== undefined && !equalBytes(seen.root, from.root)) return tampered(state, `at ${from.size} entries the log is not the one that a witness saw`);
  if (state.since !== null && state.since.size === from.size) {
    if (!equalBytes(state.since.root, from.root)) {
      return tampered(state, `at ${from.size} entries the log is not the one of your checkpoint`);
    }
    state.sinceProven = true;
  }
  return null;
}
