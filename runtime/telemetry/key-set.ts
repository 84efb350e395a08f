/** What `add` found: the key was new, was there, or the set is full and can no longer say. */
export const NEW_KEY = 1;
export const KNOWN_KEY = 0;
export const SET_FULL = -1;
export type AddedKey = typeof NEW_KEY | typeof KNOWN_KEY | typeof SET_FULL;

/** A bounded set of 64-bit key hashes, given as two unsigned 32-bit halves. */
export type KeySet = {
  readonly size: number;
  add(high: number, low: number): AddedKey;
};

const PARTITIONS = 256;
const FIRST_CAPACITY = 16;

type Partition = { cells: Uint32Array; size: number };

/** Slot of the key, or of the empty cell where it belongs. Cells are pairs (high, low); an empty cell is (0, 0). */
function slotOf(cells: Uint32Array, high: number, low: number): number {
  const mask = cells.length / 2 - 1;
  let index = low & mask;
  for (;;) {
    const h = cells[2 * index] ?? 0;
    const l = cells[2 * index + 1] ?? 0;
    if ((h === 0 && l === 0) || (h === high && l === low)) return index;
    index = (index + 1) & mask;
  }
}

function grow(partition: Partition): void {
  const old = partition.cells;
  const cells = new Uint32Array(old.length * 2);
  for (let at = 0; at < old.length; at += 2) {
    const high = old[at] ?? 0;
    const low = old[at + 1] ?? 0;
    if (high === 0 && low === 0) continue;
    const slot = slotOf(cells, high, low);
    cells[2 * slot] = high;
    cells[2 * slot + 1] = low;
  }
  partition.cells = cells;
}

/**
 * Open addressing in typed arrays, split in 256 parts so that growing never rehashes more than a few thousand keys at once.
 * Two keys of equal hash count as one: at a million keys the chance that any two do is 3 in 100 million.
 */
export function createKeySet(limit: number): KeySet {
  const partitions: (Partition | undefined)[] = new Array<Partition | undefined>(PARTITIONS).fill(
    undefined,
  );
  let size = 0;
  return {
    get size() {
      return size;
    },
    add(high, low) {
      const mark = high === 0 && low === 0 ? 1 : low;
      const part = high >>> 24;
      let partition = partitions[part];
      if (partition === undefined) {
        partition = { cells: new Uint32Array(2 * FIRST_CAPACITY), size: 0 };
        partitions[part] = partition;
      }
      const slot = slotOf(partition.cells, high, mark);
      if ((partition.cells[2 * slot] ?? 0) !== 0 || (partition.cells[2 * slot + 1] ?? 0) !== 0)
        return KNOWN_KEY;
      if (size >= limit) return SET_FULL;
      partition.cells[2 * slot] = high;
      partition.cells[2 * slot + 1] = mark;
      partition.size += 1;
      size += 1;
      if (partition.size * 2 > partition.cells.length / 2) grow(partition);
      return NEW_KEY;
    },
  };
}
