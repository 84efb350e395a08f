import { fromBase64, toBase64 } from "./bytes.ts";
import type { NoteKey, VerifySignature } from "./signed-note.ts";
import { isKeyName, openNote } from "./signed-note.ts";

/** C2SP tlog-checkpoint v1.0.0: origin, tree size and root, one a line. Extension lines are neither written nor read. */

const ROOT_BYTES = 32;

export type Checkpoint = {
  readonly origin: string;
  readonly size: number;
  readonly root: Uint8Array;
};

/** The text that is signed. */
export function formatCheckpoint({ origin, size, root }: Checkpoint): string {
  if (!isKeyName(origin)) throw new RangeError(`"${origin}" cannot be the origin of a log.`);
  if (!Number.isSafeInteger(size) || size < 0)
    throw new RangeError("A tree size is a whole number.");
  if (root.length !== ROOT_BYTES) throw new RangeError("A root has 32 bytes.");
  return `${origin}\n${size}\n${toBase64(root)}\n`;
}

/** `null` unless the text is exactly one checkpoint of ours: three lines, no leading zeros, one spelling of the root. */
export function parseCheckpoint(text: string): Checkpoint | null {
  const [origin = "", sizeText = "", rootText = "", end, ...rest] = text.split("\n");
  const root = fromBase64(rootText);
  const size = /^(0|[1-9][0-9]{0,15})$/.test(sizeText) ? Number(sizeText) : Number.NaN;
  if (end !== "" || rest.length > 0 || !isKeyName(origin)) return null;
  if (!Number.isSafeInteger(size) || root === null || root.length !== ROOT_BYTES) return null;
  return { origin, size, root };
}

export type OpenedCheckpoint =
  | { readonly ok: true; readonly checkpoint: Checkpoint; readonly keys: readonly NoteKey[] }
  | {
      readonly ok: false;
      readonly refusal: "malformed" | "unknown_key" | "bad_signature" | "foreign_origin";
    };

/** A checkpoint signed by a trusted key of the very log it speaks of (key name = origin, as tlog-checkpoint advises). */
export function openCheckpoint(
  note: string,
  trusted: readonly NoteKey[],
  verify: VerifySignature,
): OpenedCheckpoint {
  const opened = openNote(note, trusted, verify);
  if (!opened.ok) return opened;
  const checkpoint = parseCheckpoint(opened.text);
  if (checkpoint === null) return { ok: false, refusal: "malformed" };
  const keys = opened.keys.filter((key) => key.name === checkpoint.origin);
  return keys.length === 0
    ? { ok: false, refusal: "foreign_origin" }
    : { ok: true, checkpoint, keys };
}
