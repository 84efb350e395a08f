/** Where a file of records may be cut: before these rows, at these byte offsets. The first cut is row 0. */
export type Cut = readonly [row: number, offset: number];

export type RecordCuts = {
  readonly rows: number;
  readonly cuts: readonly Cut[];
  /** Where the last record ends. Bytes. */
  readonly end: number;
  /** CSV: the line of names, with its line break. Bytes from the start of the file. */
  readonly headerBytes: number;
};

export type RecordScanner = {
  push(chunk: Uint8Array): void;
  finish(): RecordCuts;
};

/** More cuts than this are thinned out: the index of a file stays small however long the file is. */
const MAX_CUTS = 2048;
const FIRST_SPACING = 250;
/** A longer record is no record of a table. */
export const MAX_RECORD_BYTES = 1024 * 1024;

const [QUOTE, NEWLINE, RETURN] = [0x22, 0x0a, 0x0d];

/** A record longer than `MAX_RECORD_BYTES`. */
export class RecordTooLongError extends Error {
  override readonly name = "RecordTooLongError";
  readonly row: number;
  constructor(row: number) {
    super(`Row ${row} is longer than ${MAX_RECORD_BYTES} bytes.`);
    this.row = row;
  }
}

/**
 * Finds the rows of a CSV (RFC 4180; a line break inside quotes ends no row) or JSON Lines file as its bytes pass by. Empty lines are no rows.
 * Holds no more than the cuts. Throws `RecordTooLongError`.
 */
export function scanRecords(format: "csv" | "jsonl"): RecordScanner {
  let [at, start, rows, spacing, headerBytes, end] = [0, 0, 0, FIRST_SPACING, 0, 0];
  let [isQuoted, hasContent] = [false, false];
  let needsHeader = format === "csv";
  let cuts: Cut[] = [];

  const endRecord = (next: number): void => {
    if (hasContent && needsHeader) {
      needsHeader = false;
      headerBytes = next;
    } else if (hasContent) {
      if (rows % spacing === 0) cuts.push([rows, start]);
      rows += 1;
      end = next;
      if (cuts.length > MAX_CUTS) {
        spacing *= 2;
        cuts = cuts.filter(([row]) => row % spacing === 0);
      }
    }
    start = next;
    hasContent = false;
  };

  return {
    push(chunk) {
      for (let index = 0; index < chunk.length; index += 1) {
        const byte = chunk[index];
        if (byte === NEWLINE && !isQuoted) {
          endRecord(at + index + 1);
          continue;
        }
        if (byte === QUOTE && format === "csv") isQuoted = !isQuoted;
        if (byte !== RETURN) hasContent = true;
      }
      at += chunk.length;
      if (at - start > MAX_RECORD_BYTES) throw new RecordTooLongError(rows);
    },
    finish() {
      endRecord(at);
      return { rows, cuts, end, headerBytes };
    },
  };
}
