import { crc32, inflateRawSync } from "node:zlib";
import { createReadStream } from "node:fs";
import { extract, type Header } from "tar-stream";
import { guardEntries, type EntryKind } from "#lib/domain/artifact/archive/entry-guard.ts";
import { readZipIndex, type ZipEntry } from "#lib/domain/artifact/archive/zip-index.ts";
import { concludePickle, readPickleStreams, type InspectedPickle } from "#lib/domain/artifact/pickle/inspect-pickle.ts";
import { defaultPickleLimits, startTrace } from "#lib/domain/artifact/pickle/trace.ts";
import { RefusedArtifact } from "#lib/domain/artifact/protobuf-reader.ts";
import { runReading, type ReadingResult } from "#lib/domain/artifact/run-reading.ts";
import { inspectSavedModel, inspectSavedModelBytes, type InspectedSavedModel, type SavedModelSurroundings } from "#lib/domain/artifact/savedmodel/inspect-savedmodel.ts";
import { refuseFormat } from "#lib/domain/artifact/sniff-format.ts";
import type { ByteSource, Finding } from "#lib/domain/artifact/types.ts";
import { inOrder } from "#lib/domain/artifact/finding-order.ts";
import { inflate } from "./inflated-source.ts";

/** A member of an archive that has to be held in memory to be read. */
const MAX_HELD = 64 * 1024 * 1024;
const GRAPH = "saved_model.pb";

const tooLarge = (name: string): RefusedArtifact =>
  new RefusedArtifact({
    code: "artifact_limit_exceeded",
    message: `${name} is larger than the 64 MiB that are read out of a compressed archive.`,
    hint: "Archive the directory without compression: as .tar, or with zip -0.",
    byteOffset: null,
  });

const unsupported = (format: "zip" | "tar" | "torchscript"): RefusedArtifact => {
  const refusal = refuseFormat(format);
  if (refusal === null) throw new Error(`${format} is not refused`);
  return new RefusedArtifact(refusal);
};

function settled<T>(result: ReadingResult<T>): T {
  if (result.ok) return result.value;
  throw new RefusedArtifact(result.refusal);
}

type Inspected = InspectedPickle | InspectedSavedModel;

function withFindings<T extends Inspected>(inspected: T, more: readonly Finding[]): T {
  // What was in order alone is not in order in such an archive.
  const findings = more.length === 0 ? inspected.findings : inspected.findings.filter(({ severity }) => severity !== "passed");
  return { ...inspected, findings: inOrder([...more, ...findings]) };
}

/** A zip: a torch archive, or the directory of a SavedModel. Nothing is unpacked to disk. */
export async function inspectZip(source: ByteSource): Promise<Inspected> {
  const { entries, findings } = settled(await runReading(readZipIndex(source.size), source));
  const files = entries.filter(({ kind }) => kind !== "directory");
  if (files.some(({ name }) => /(^|\/)code\/__torch__/.test(name) || /(^|\/)constants\.pkl$/.test(name))) throw unsupported("torchscript");
  if (files.some(({ name }) => /(^|\/)data\.pkl$/.test(name))) return inspectTorchZip(source, files, findings);
  const graph = shortest(files.filter(({ name, kind }) => isGraph(name) && kind === "file"));
  if (graph === undefined) {
    if (findings.length > 0) throw refusedArchive(findings);
    throw unsupported("zip");
  }
  const surroundings = surroundingsOf(source.size, "zip", graph.name, files);
  const inspected = settled(
    graph.method === 0 ? await inspectSavedModel(part(source, graph), surroundings) : inspectSavedModelBytes(await unpacked(source, graph), surroundings),
  );
  return withFindings(inspected, findings);
}

const isGraph = (name: string): boolean => name === GRAPH || name.endsWith(`/${GRAPH}`);

function shortest<T extends { readonly name: string }>(found: readonly T[]): T | undefined {
  return [...found].sort((a, b) => a.name.length - b.name.length)[0];
}

function surroundingsOf(sizeBytes: number, container: SavedModelSurroundings["container"], graphName: string, files: readonly { name: string; sizeBytes: number }[]): SavedModelSurroundings {
  const root = graphName.slice(0, -GRAPH.length);
  return {
    sizeBytes,
    container,
    files: files.filter(({ name }) => name.startsWith(root)).map(({ name, sizeBytes: bytes }) => ({ path: name.slice(root.length), sizeBytes: bytes })),
  };
}

/** An archive that is of no known kind and dangerous besides: the danger is the better answer. */
const refusedArchive = (findings: readonly Finding[]): RefusedArtifact =>
  new RefusedArtifact({ code: "artifact_forbidden", message: findings.map(({ message }) => message).join(" "), hint: findings[0]?.hint ?? null, byteOffset: null });

async function inspectTorchZip(source: ByteSource, files: readonly ZipEntry[], findings: readonly Finding[]): Promise<InspectedPickle> {
  const trace = startTrace(defaultPickleLimits, true);
  const { maxStreams } = defaultPickleLimits;
  const pickles = [];
  for (const entry of files) {
    if (entry.kind === "file" && (/\.(pkl|pickle)$/i.test(entry.name) || (await startsLikePickle(source, entry)))) pickles.push(entry);
  }
  // The main object last, so that it is the one described.
  pickles.sort((a, b) => Number(/data\.pkl$/.test(a.name)) - Number(/data\.pkl$/.test(b.name)));
  const extra: Finding[] = [...findings];
  for (const entry of pickles.slice(0, maxStreams)) {
    const member = entry.method === 0 ? part(source, entry) : inMemory(await unpacked(source, entry));
    if (entry.method === 0 && entry.sizeBytes <= MAX_HELD && !(await hasChecksum(member, entry.crc32))) extra.push(wrongChecksum(entry.name));
    trace.root = null;
    settled(await runReading(readPickleStreams(member.size, trace), member));
  }
  if (pickles.length > maxStreams) {
    extra.push({ code: "pickle_limit", severity: "warn", title: "Too many pickles", message: `The archive holds ${pickles.length} pickles; ${maxStreams} were read.`, hint: null });
  }
  const facts = { sizeBytes: source.size, container: "torch-zip", compression: "none", inflatedBytes: files.reduce((sum, entry) => sum + entry.sizeBytes, 0) } as const;
  const storages = files.filter(({ name }) => /(^|\/)data\/\d+$/.test(name));
  trace.arrayCount += storages.length;
  trace.arrayBytes += storages.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  return concludePickle(trace, facts, extra);
}

const wrongChecksum = (name: string): Finding => ({
  code: "archive_checksum",
  severity: "warn",
  title: "Wrong checksum",
  message: `${name.slice(0, 120)} does not have the checksum that the archive gives it. Some loaders do not look.`,
  hint: "Copy or save the model again.",
});

async function startsLikePickle(source: ByteSource, entry: ZipEntry): Promise<boolean> {
  if (entry.method !== 0 || entry.sizeBytes < 2) return entry.method !== 0 && !/(^|\/)data\/\d+$/.test(entry.name);
  const head = await source.read(entry.dataOffset, 2);
  return head[0] === 0x80 && (head[1] ?? 9) <= 5 && !/(^|\/)data\/\d+$/.test(entry.name);
}

const part = (source: ByteSource, { dataOffset, sizeBytes }: ZipEntry): ByteSource => ({
  size: sizeBytes,
  read: (offset, length) => source.read(dataOffset + offset, Math.max(0, Math.min(length, sizeBytes - offset))),
});

const inMemory = (bytes: Uint8Array): ByteSource => ({ size: bytes.length, read: (offset, length) => bytes.subarray(offset, offset + length) });

async function hasChecksum(source: ByteSource, expected: number): Promise<boolean> {
  let value = 0;
  for (let at = 0; at < source.size; at += 256 * 1024) value = crc32(await source.read(at, Math.min(256 * 1024, source.size - at)), value);
  return value === expected;
}

async function unpacked(source: ByteSource, entry: ZipEntry): Promise<Uint8Array> {
  if (entry.sizeBytes > MAX_HELD || entry.compressedBytes > MAX_HELD) throw tooLarge(entry.name.slice(0, 120));
  const damaged = (why: string): RefusedArtifact =>
    new RefusedArtifact({ code: "artifact_malformed", message: `The entry ${entry.name.slice(0, 120)} cannot be unpacked: ${why}.`, hint: "Make the archive again.", byteOffset: entry.dataOffset });
  if (entry.method !== 8) throw damaged(`compression method ${entry.method} is not read here`);
  try {
    return inflateRawSync(await source.read(entry.dataOffset, entry.compressedBytes), { maxOutputLength: Math.max(1, entry.sizeBytes) });
  } catch {
    throw damaged("its data do not fit its declared size");
  }
}

const kinds: Readonly<Record<string, EntryKind>> = { file: "file", "contiguous-file": "file", directory: "directory", symlink: "symlink", link: "hardlink" };
const kindOf = (type: Header["type"]): EntryKind => kinds[type ?? "file"] ?? "device";

/** A tar, packed by gzip or not: the directory of a SavedModel. Read as a stream; only the graph is held. */
export async function inspectTar(path: string, sizeBytes: number, isGzip: boolean): Promise<InspectedSavedModel> {
  const guard = guardEntries();
  const files: { name: string; sizeBytes: number }[] = [];
  let graph: { readonly name: string; readonly bytes: Uint8Array } | null = null;
  const unpack = extract();
  const chunks = isGzip ? inflate(path, "gzip", sizeBytes) : (createReadStream(path) as AsyncIterable<Uint8Array>);
  // Awaited at the end only: a failure must not be left without a handler until then.
  const fed: Promise<unknown> = feed(chunks, unpack).then(
    () => null,
    (error: unknown) => error,
  );
  try {
    for await (const entry of unpack) {
      const { name, type, size = 0 } = entry.header;
      const clean = name.replace(/^(\.\/)+/, "");
      const goesOn = clean === "" || clean === "." || guard.see({ name: clean, kind: kindOf(type), sizeBytes: size, compressedBytes: null });
      if (!goesOn) break;
      if (kindOf(type) === "file") files.push({ name: clean, sizeBytes: size });
      if (kindOf(type) === "file" && isGraph(clean) && (graph === null || clean.length < graph.name.length)) {
        if (size > MAX_HELD) throw tooLarge(clean.slice(0, 120));
        graph = { name: clean, bytes: await collect(entry as AsyncIterable<Uint8Array>) };
      } else entry.resume();
    }
  } catch (error) {
    throw error instanceof RefusedArtifact ? error : damagedTar(error);
  } finally {
    unpack.destroy(new Error("read to its end"));
  }
  const failure = await fed;
  if (failure instanceof RefusedArtifact) throw failure;
  const findings = guard.findings();
  if (graph === null) throw findings.length > 0 ? refusedArchive(findings) : unsupported("tar");
  const surroundings = surroundingsOf(sizeBytes, isGzip ? "tar.gz" : "tar", graph.name, files);
  return withFindings(settled(inspectSavedModelBytes(graph.bytes, surroundings)), findings);
}

async function feed(chunks: AsyncIterable<Uint8Array>, unpack: ReturnType<typeof extract>): Promise<void> {
  try {
    for await (const chunk of chunks) {
      if (unpack.destroyed) return;
      if (!unpack.write(chunk)) await untilWritable(unpack);
    }
    unpack.end(undefined);
  } catch (error) {
    unpack.destroy(error instanceof Error ? error : new Error("the archive could not be read"));
    throw error;
  }
}

function untilWritable(unpack: ReturnType<typeof extract>): Promise<void> {
  return new Promise((resolve) => {
    const go = (): void => {
      unpack.off("drain", go);
      unpack.off("close", go);
      resolve();
    };
    unpack.on("drain", go);
    unpack.on("close", go);
  });
}

async function collect(entry: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of entry) chunks.push(chunk);
  return Buffer.concat(chunks);
}

function damagedTar(error: unknown): unknown {
  const isSystem = error instanceof Error && "code" in error && /^E[A-Z]+$/.test(String(error.code));
  if (isSystem) return error;
  const message = error instanceof Error ? error.message : "";
  return new RefusedArtifact({ code: "artifact_malformed", message: `The tar archive is damaged: ${message.slice(0, 200)}.`, hint: "Make the archive again, or compare its sha256 with the original.", byteOffset: null });
}
