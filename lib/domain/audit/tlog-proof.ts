import { fromBase64, toBase64 } from "./bytes.ts";

/** C2SP tlog-proof v1: the proof that one entry is in the log, as one text that other tools read too. */

const FIRST_LINE = "c2sp.org/tlog-proof@v1";
/** A path in a tree of 2^53 leaves. */
const MAX_HASHES = 53;

export type TlogProof = {
  readonly index: number;
  readonly hashes: readonly Uint8Array[];
  /** The signed checkpoint, verbatim. */
  readonly checkpoint: string;
};

export function formatTlogProof({ index, hashes, checkpoint }: TlogProof): string {
  return [FIRST_LINE, `index ${index}`, ...hashes.map(toBase64), "", checkpoint].join("\n");
}

/** `null` when the text is not such a proof. The optional `extra` line is read past: nothing vouches for it. */
export function parseTlogProof(text: string): TlogProof | null {
  const split = text.indexOf("\n\n");
  const [first, ...lines] = text.slice(0, Math.max(split, 0)).split("\n");
  if (first !== FIRST_LINE) return null;
  if (lines[0]?.startsWith("extra ")) lines.shift();
  const [indexLine = "", ...encoded] = lines;
  const index = /^index (0|[1-9][0-9]{0,15})$/.test(indexLine)
    ? Number(indexLine.slice(6))
    : Number.NaN;
  const hashes = encoded.map(fromBase64).filter((hash) => hash !== null);
  if (
    !Number.isSafeInteger(index) ||
    encoded.length > MAX_HASHES ||
    hashes.length !== encoded.length
  )
    return null;
  if (hashes.some((hash) => hash.length !== 32)) return null;
  return { index, hashes, checkpoint: text.slice(split + 2) };
}
