import { toHex } from "#lib/domain/audit/bytes.ts";

export const WITNESS_KINDS = ["file", "webhook", "s3"] as const;
export type WitnessKind = (typeof WITNESS_KINDS)[number];

/** A checkpoint on its way out of the installation. */
export type HandedCheckpoint = { readonly size: number; readonly root: Uint8Array; readonly note: string };

/** A place outside the installation's database that keeps checkpoints, so that the log cannot be rewritten unnoticed by whoever has database and key. */
export type Witness = {
  readonly name: string;
  readonly kind: WitnessKind;
  /** Where it is, for people: no credentials. */
  readonly place: string;
  /** Hands one over. Handing the same twice changes nothing. Rejects with a sentence when it was not taken. */
  hand(checkpoint: HandedCheckpoint): Promise<void>;
  /** The notes it holds, the newest among them; at most `most`. Null when it cannot be asked. */
  held(most: number): Promise<readonly string[] | null>;
};

const SIZE_DIGITS = 16;
const ROOT_CHARS = 16;

/** A name that sorts by size and differs for another root: a rewritten log never takes the place of what was kept. */
export const checkpointFileName = ({ size, root }: Pick<HandedCheckpoint, "size" | "root">): string =>
  `${String(size).padStart(SIZE_DIGITS, "0")}-${toHex(root).slice(0, ROOT_CHARS)}.checkpoint`;

export const isCheckpointFileName = (name: string): boolean => /^[0-9]{16}-[0-9a-f]{16}\.checkpoint$/.test(name);

/** The newest ones, and the rest spread over the whole range: each narrows down where a fork can hide. */
export function spread<T>(ascending: readonly T[], most: number): readonly T[] {
  if (ascending.length <= most) return ascending;
  const newest = Math.ceil(most / 2);
  const older = ascending.slice(0, ascending.length - newest);
  const step = older.length / (most - newest);
  return [...Array.from({ length: most - newest }, (_, index) => older[Math.floor(index * step)] as T), ...ascending.slice(-newest)];
}
