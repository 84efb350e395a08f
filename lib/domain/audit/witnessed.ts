import { equalBytes } from "./bytes.ts";
import { openCheckpoint, parseCheckpoint, type Checkpoint } from "./checkpoint.ts";
import type { NoteKey, VerifySignature } from "./signed-note.ts";

/** What a witness answered with, read: checkpoints by our key, those by other keys (an earlier one of ours, or somebody's), and what is neither. */
export type HeldNotes = {
  readonly ours: readonly Checkpoint[];
  readonly byOtherKeys: readonly Checkpoint[];
  readonly unreadable: number;
};

/** The text of a note without its signatures. */
const bodyOf = (note: string): string => `${note.split("\n\n")[0] ?? ""}\n`;

export function readHeldNotes(notes: readonly string[], trusted: readonly NoteKey[], verify: VerifySignature): HeldNotes {
  const ours: Checkpoint[] = [];
  const byOtherKeys: Checkpoint[] = [];
  let unreadable = 0;
  for (const note of notes) {
    const opened = openCheckpoint(note, trusted, verify);
    const claimed = opened.ok || opened.refusal !== "unknown_key" ? null : parseCheckpoint(bodyOf(note));
    if (opened.ok) ours.push(opened.checkpoint);
    else if (claimed !== null) byOtherKeys.push(claimed);
    else unreadable += 1;
  }
  return { ours, byOtherKeys, unreadable };
}

export const WITNESS_VERDICTS = ["agrees", "holds_nothing", "rolled_back", "forked", "strange"] as const;
export type WitnessVerdict = {
  readonly verdict: (typeof WITNESS_VERDICTS)[number];
  /** Entries that the newest checkpoint there covers; null when it holds none. */
  readonly heldSize: number | null;
  readonly message: string;
};

const entries = (count: number): string => (count === 1 ? "1 entry" : `${String(count)} entries`);

/**
 * Holds what a witness kept against the trail as it is now. A checkpoint signed by this log that covers more than is here means that the log was
 * rolled back; one with another root at its size, that it was rewritten. `rootAt` answers the root of the first entries of the trail as it stands.
 */
export function judgeHeldNotes({ ours, byOtherKeys, unreadable }: HeldNotes, trail: { readonly size: number; readonly rootAt: (size: number) => Uint8Array }): WitnessVerdict {
  const newest = [...ours].sort((a, b) => b.size - a.size)[0];
  const heldSize = newest?.size ?? null;
  if (newest !== undefined && newest.size > trail.size) {
    return { verdict: "rolled_back", heldSize, message: `It holds a checkpoint of ${entries(newest.size)}; the trail has only ${entries(trail.size)}. The log was rolled back.` };
  }
  const differs = (checkpoint: Checkpoint): boolean => checkpoint.size > trail.size || !equalBytes(checkpoint.root, trail.rootAt(checkpoint.size));
  const forks = ours.filter(differs).sort((a, b) => a.size - b.size);
  if (forks[0] !== undefined) {
    return { verdict: "forked", heldSize, message: `Its checkpoint at ${entries(forks[0].size)} has another root than the trail has there. The log was rewritten somewhere before that.` };
  }
  const others = byOtherKeys.filter(differs).length;
  if (unreadable > 0 || others > 0) {
    return { verdict: "strange", heldSize, message: `It holds ${String(unreadable + others)} that this log's key has not signed. Either somebody else writes there, or its copy was changed.` };
  }
  const known = ours.length + byOtherKeys.length;
  if (known === 0) return { verdict: "holds_nothing", heldSize, message: "It holds no checkpoint of this log." };
  const byOthers = byOtherKeys.length === 0 ? "" : ` ${String(byOtherKeys.length)} are signed by an earlier key; their roots agree.`;
  const upTo = heldSize ?? Math.max(...byOtherKeys.map(({ size }) => size));
  return { verdict: "agrees", heldSize: upTo, message: `${String(known)} compared; the trail extends each, the newest at ${entries(upTo)}.${byOthers}` };
}
