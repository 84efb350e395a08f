import { RefusedArtifact, type Reading } from "../protobuf-reader.ts";
import type { Finding } from "../types.ts";
import { quoted } from "../settle-onnx-tensor.ts";
import { guardEntries, type EntryKind } from "./entry-guard.ts";

/**
 * The directory of a zip file held against the headers in front of each entry. Readers differ in which of the two they believe, so an archive
 * whose two accounts disagree can show one thing to a scanner and another to a loader (CVE-2025-1944, CVE-2025-1945).
 * APPNOTE.TXT 6.3.10, sections 4.3.7, 4.3.12, 4.3.14 and 4.3.16.
 */
export type ZipEntry = {
  readonly name: string;
  readonly kind: EntryKind;
  readonly method: number;
  readonly compressedBytes: number;
  readonly sizeBytes: number;
  readonly crc32: number;
  readonly dataOffset: number;
};

export type ZipIndex = { readonly entries: readonly ZipEntry[]; readonly findings: readonly Finding[] };

const END = 0x06054b50;
const END_64 = 0x06064b50;
const LOCATOR_64 = 0x07064b50;
const CENTRAL = 0x02014b50;
const LOCAL = 0x04034b50;
const MAX_TAIL = 65_557;
const MAX_DIRECTORY = 32 * 1024 * 1024;
const decoder = new TextDecoder("utf-8");

const broken = (what: string, byteOffset: number | null = null): RefusedArtifact =>
  new RefusedArtifact({
    code: "artifact_malformed",
    message: `The zip archive is damaged: ${what}.`,
    hint: "Make the archive again, or compare its sha256 with the original.",
    byteOffset,
  });

function* viewAt(size: number, offset: number, length: number): Reading<DataView> {
  if (offset < 0 || length < 0 || offset + length > size) throw broken("a record lies outside of the file", Math.max(0, offset));
  const bytes = (yield { offset, length }).slice();
  if (bytes.length !== length) throw broken("the file could not be read to its end", offset);
  return new DataView(bytes.buffer);
}

const big = (view: DataView, at: number): number => {
  const value = view.getBigUint64(at, true);
  if (value > BigInt(Number.MAX_SAFE_INTEGER)) throw broken("a size beyond 2^53");
  return Number(value);
};

type Directory = { readonly count: number; readonly bytes: number; readonly offset: number; readonly end: number };

function* findDirectory(size: number): Reading<Directory> {
  if (size < 22) throw broken("it is shorter than an empty archive");
  const tailBytes = Math.min(size, MAX_TAIL);
  const tail = yield* viewAt(size, size - tailBytes, tailBytes);
  let at = tailBytes - 22;
  while (at >= 0 && !(tail.getUint32(at, true) === END && at + 22 + tail.getUint16(at + 20, true) === tailBytes)) at -= 1;
  if (at < 0) throw broken("it ends without a directory");
  const end = size - tailBytes + at;
  const plain = { count: tail.getUint16(at + 10, true), bytes: tail.getUint32(at + 12, true), offset: tail.getUint32(at + 16, true), end };
  if (tail.getUint16(at + 4, true) !== 0 || tail.getUint16(at + 6, true) !== 0) throw broken("it is one part of several");
  if (plain.count !== 0xffff && plain.bytes !== 0xffffffff && plain.offset !== 0xffffffff) return plain;
  const locator = yield* viewAt(size, end - 20, 20);
  if (locator.getUint32(0, true) !== LOCATOR_64) return plain;
  const record = yield* viewAt(size, big(locator, 8), 56);
  if (record.getUint32(0, true) !== END_64) throw broken("its zip64 directory is not where it says");
  return { count: big(record, 32), bytes: big(record, 40), offset: big(record, 48), end };
}

/** Reads directory and headers. Refuses a damaged archive; what is merely odd or dangerous comes as findings. */
export function* readZipIndex(size: number): Reading<ZipIndex> {
  const directory = yield* findDirectory(size);
  if (directory.bytes > MAX_DIRECTORY) throw broken("its directory is larger than 32 MiB");
  if (directory.offset + directory.bytes > directory.end) throw broken("its directory does not fit", directory.offset);
  const view = yield* viewAt(size, directory.offset, directory.bytes);
  const guard = guardEntries();
  const entries: ZipEntry[] = [];
  const mismatched: string[] = [];
  let first = Number.POSITIVE_INFINITY;
  let at = 0;
  while (at + 46 <= directory.bytes && view.getUint32(at, true) === CENTRAL) {
    const central = readCentral(view, at, directory.bytes);
    at = central.next;
    if (!guard.see({ ...central.entry })) break;
    const local = yield* readLocal(size, central);
    if (!local.agrees) mismatched.push(quoted(central.entry.name));
    first = Math.min(first, central.localOffset);
    entries.push({ ...central.entry, dataOffset: local.dataOffset });
  }
  const findings: Finding[] = [...guard.findings()];
  if (entries.length !== directory.count && findings.length === 0) mismatched.push(`the number of entries (${directory.count} announced, ${entries.length} found)`);
  if (mismatched.length > 0) findings.push(mismatch(mismatched));
  if (first > 0 && Number.isFinite(first)) {
    findings.push({ code: "archive_prefix", severity: "warn", title: "Something before the archive", message: `${first} bytes stand in front of the first entry; the file may be two things at once.`, hint: "Register a plain archive." });
  }
  return { entries, findings };
}

const mismatch = (names: readonly string[]): Finding => ({
  code: "archive_mismatch",
  severity: "block",
  title: "Two accounts of one archive",
  message: `Directory and headers disagree about ${names.slice(0, 5).join(", ")}. A scanner and a loader could see different files.`,
  hint: "Make the archive again with a common tool.",
});

type Central = { readonly entry: Omit<ZipEntry, "dataOffset">; readonly rawName: Uint8Array; readonly flags: number; readonly localOffset: number; readonly next: number };

function readCentral(view: DataView, at: number, end: number): Central {
  const nameBytes = view.getUint16(at + 28, true);
  const extraBytes = view.getUint16(at + 30, true);
  const next = at + 46 + nameBytes + extraBytes + view.getUint16(at + 32, true);
  if (next > end) throw broken("an entry of its directory is cut off");
  const rawName = new Uint8Array(view.buffer, view.byteOffset + at + 46, nameBytes);
  const flags = view.getUint16(at + 8, true);
  const sizes = { sizeBytes: view.getUint32(at + 24, true), compressedBytes: view.getUint32(at + 20, true), localOffset: view.getUint32(at + 42, true) };
  readZip64(view, at + 46 + nameBytes, extraBytes, sizes);
  const name = decoder.decode(rawName);
  const unixMode = view.getUint16(at + 4, true) >>> 8 === 3 ? (view.getUint32(at + 38, true) >>> 16) & 0xf000 : 0;
  const kind: EntryKind = (flags & 1) !== 0 ? "encrypted" : unixMode === 0xa000 ? "symlink" : unixMode !== 0 && unixMode !== 0x8000 && unixMode !== 0x4000 ? "device" : name.endsWith("/") ? "directory" : "file";
  return {
    entry: { name, kind, method: view.getUint16(at + 10, true), compressedBytes: sizes.compressedBytes, sizeBytes: sizes.sizeBytes, crc32: view.getUint32(at + 16, true) },
    rawName,
    flags,
    localOffset: sizes.localOffset,
    next,
  };
}

function readZip64(view: DataView, from: number, length: number, sizes: { sizeBytes: number; compressedBytes: number; localOffset: number }): void {
  let at = from;
  while (at + 4 <= from + length) {
    const size = view.getUint16(at + 2, true);
    if (view.getUint16(at, true) === 1) {
      let field = at + 4;
      const take = (): number => {
        if (field + 8 > at + 4 + size || field + 8 > from + length) throw broken("a zip64 field is cut off");
        field += 8;
        return big(view, field - 8);
      };
      if (sizes.sizeBytes === 0xffffffff) sizes.sizeBytes = take();
      if (sizes.compressedBytes === 0xffffffff) sizes.compressedBytes = take();
      if (sizes.localOffset === 0xffffffff) sizes.localOffset = take();
    }
    at += 4 + size;
  }
}

function* readLocal(size: number, { entry, rawName, flags, localOffset }: Central): Reading<{ readonly dataOffset: number; readonly agrees: boolean }> {
  const view = yield* viewAt(size, localOffset, 30);
  if (view.getUint32(0, true) !== LOCAL) throw broken(`the entry ${quoted(entry.name)} is not where the directory says`, localOffset);
  const nameBytes = view.getUint16(26, true);
  const name = new Uint8Array((yield* viewAt(size, localOffset + 30, nameBytes)).buffer);
  const dataOffset = localOffset + 30 + nameBytes + view.getUint16(28, true);
  if (dataOffset + entry.compressedBytes > size) throw broken(`the entry ${quoted(entry.name)} runs past the end`, dataOffset);
  const hasDescriptor = (flags & 8) !== 0;
  const equal = (at: number, whole: number): boolean => {
    const value = view.getUint32(at, true);
    return value === whole || value === 0xffffffff || (hasDescriptor && value === 0);
  };
  const agrees =
    name.length === rawName.length &&
    name.every((byte, index) => byte === rawName[index]) &&
    view.getUint16(8, true) === entry.method &&
    (view.getUint16(6, true) & 1) === (flags & 1) &&
    equal(14, entry.crc32) &&
    equal(18, entry.compressedBytes) &&
    equal(22, entry.sizeBytes);
  return { dataOffset, agrees };
}
