/** What a record weighs by: its bytes. */
type Weighed = { readonly key?: Uint8Array | null; readonly value?: Uint8Array | null; readonly headers?: ReadonlyMap<Uint8Array, Uint8Array> | Readonly<Record<string, unknown>> };

/** Brokers take about 1 MiB at once by default (`max.message.bytes`), for all records that go to one partition together. Half of it leaves room for what frames them. */
const PART_BYTES = 512 * 1024;
const FRAME_BYTES = 64;

function bytesOf({ key, value, headers }: Weighed): number {
  let bytes = FRAME_BYTES + (key?.byteLength ?? 0) + (value?.byteLength ?? 0);
  if (headers instanceof Map) for (const [name, content] of headers as ReadonlyMap<Uint8Array, Uint8Array>) bytes += name.byteLength + content.byteLength;
  return bytes;
}

/** Records in their order, in parts that a broker takes at once; a record that is heavier alone is a part of its own. */
export function inParts<T extends Weighed>(records: readonly T[], partBytes = PART_BYTES): T[][] {
  const parts: T[][] = [];
  let left = 0;
  for (const record of records) {
    const bytes = bytesOf(record);
    const last = parts.at(-1);
    if (last === undefined || bytes > left) {
      parts.push([record]);
      left = partBytes - bytes;
    } else {
      last.push(record);
      left -= bytes;
    }
  }
  return parts;
}
