import { murmur3OfText } from "../routing/murmur3.ts";

/** A cell as both a CSV and a Parquet file would have it: 1, 1.0 and "1.00" are one value, "" and null are none. */
function plainCell(cell: unknown): string {
  if (cell === null || cell === undefined) return "";
  if (typeof cell === "number") return String(cell);
  if (typeof cell === "boolean") return cell ? "true" : "false";
  const text = (typeof cell === "string" ? cell : typeof cell === "object" ? JSON.stringify(cell) : String(cell as bigint)).trim();
  const value = Number(text);
  return text !== "" && Number.isFinite(value) ? String(value) : text;
}

const SEEDS = [0x51ed270b, 0x2545f491] as const;
const HIGH_BITS = 21;

/** 53 bits of a hash over what the model is given of a row. Two hundred thousand rows against as many agree by chance once in 200 000 runs. */
export function rowKey(cells: readonly unknown[]): number {
  const text = cells.map(plainCell).join("\u001f");
  const [low, high] = SEEDS.map((seed) => murmur3OfText(text, seed) >>> 0);
  return ((high ?? 0) >>> (32 - HIGH_BITS)) * 2 ** 32 + (low ?? 0);
}
