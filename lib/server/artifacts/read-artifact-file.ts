import { inspectModelFile } from "#lib/domain/artifact/inspect-model-file.ts";
import { inspectPickle } from "#lib/domain/artifact/pickle/inspect-pickle.ts";
import { RefusedArtifact } from "#lib/domain/artifact/protobuf-reader.ts";
import { inspectSavedModel } from "#lib/domain/artifact/savedmodel/inspect-savedmodel.ts";
import { refuseFormat, SNIFF_BYTES, sniffFormat, type ArtifactFormat } from "#lib/domain/artifact/sniff-format.ts";
import type { ArtifactInspection, ByteSource, ExternalFile, Finding } from "#lib/domain/artifact/types.ts";
import type { ArtifactStore } from "./artifact-store.ts";
import { openFileSource } from "./file-source.ts";
import { inflate, openInflatedSource, type Inflation } from "./inflated-source.ts";
import { inspectTar, inspectZip } from "./inspect-container.ts";
import { inspectPmmlFile } from "./inspect-pmml-file.ts";

export type ReadArtifact = { readonly inspection: ArtifactInspection; readonly findings: readonly Finding[] };

/**
 * Tells by content what a file is and reads it with the inspector of that format, without running anything of it and without writing anywhere.
 * Throws `RefusedArtifact` for what is of no known format or broken.
 */
export async function readArtifactFile(path: string, externalFiles: readonly ExternalFile[] = []): Promise<ReadArtifact> {
  const source = await openFileSource(path);
  try {
    const head = (await source.read(0, Math.min(SNIFF_BYTES, source.size))).slice();
    const read = await byFormat(path, source, sniffFormat(head, source.size), externalFiles);
    return read.inspection.format === "onnx" || externalFiles.length === 0 ? read : { ...read, findings: [unused(externalFiles), ...read.findings] };
  } finally {
    await source.close();
  }
}

/** The same over an artifact that the store has. */
export async function readStoredArtifact(artifacts: ArtifactStore, digest: string, externalFiles: readonly ExternalFile[]): Promise<ReadArtifact> {
  return readArtifactFile(await artifacts.localPath(digest), externalFiles);
}

async function byFormat(path: string, source: ByteSource, format: ArtifactFormat, externalFiles: readonly ExternalFile[]): Promise<ReadArtifact> {
  switch (format) {
    case "pickle":
      return settled(await inspectPickle(source));
    case "joblib":
      // Without compression a joblib file is a pickle like any other.
      return (await source.read(0, 1))[0] === 0x80 ? settled(await inspectPickle(source)) : inspectCompressed(path, "zlib", source.size);
    case "gzip":
      return inspectCompressed(path, "gzip", source.size);
    case "pmml":
      return inspectPmmlFile(path, source.size);
    case "savedmodel":
      return isZip(await source.read(0, 2))
        ? inspectZip(source)
        : settled(await inspectSavedModel(source, { sizeBytes: source.size, container: "file", files: null }));
    case "zip":
    case "torch":
    case "torchscript":
      return inspectZip(source);
    case "tar":
      return inspectTar(path, source.size, false);
    default:
      return settledInspection(source, externalFiles);
  }
}

const isZip = (head: Uint8Array): boolean => head[0] === 0x50 && head[1] === 0x4b;

async function settledInspection(source: ByteSource, externalFiles: readonly ExternalFile[]): Promise<ReadArtifact> {
  const result = await inspectModelFile(source, { externalFiles });
  if (!result.ok) throw new RefusedArtifact(result.refusal);
  return result;
}

function settled(result: { ok: true; value: ReadArtifact } | { ok: false; refusal: RefusedArtifact["refusal"] }): ReadArtifact {
  if (result.ok) return result.value;
  throw new RefusedArtifact(result.refusal);
}

/** What is inside decides: a compressed pickle, or a compressed tar of a SavedModel. */
async function inspectCompressed(path: string, kind: Inflation, sizeBytes: number): Promise<ReadArtifact> {
  const head = await inflatedHead(path, kind, sizeBytes);
  const inner = sniffFormat(head, Math.max(head.length, SNIFF_BYTES));
  if (inner === "tar" && kind === "gzip") return inspectTar(path, sizeBytes, true);
  if (inner !== "pickle" && !(inner === "joblib" && head[0] === 0x80)) {
    const refusal = refuseFormat(kind === "gzip" ? "gzip" : "unknown");
    if (refusal === null) throw new Error(`${kind} is not refused`);
    throw new RefusedArtifact(refusal);
  }
  const source = await openInflatedSource(path, kind, sizeBytes);
  try {
    return settled(await inspectPickle(source, { sizeBytes, compression: kind, inflatedBytes: source.size }));
  } finally {
    await source.close();
  }
}

async function inflatedHead(path: string, kind: Inflation, sizeBytes: number): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of inflate(path, kind, sizeBytes)) {
    chunks.push(chunk);
    bytes += chunk.length;
    if (bytes >= SNIFF_BYTES) break;
  }
  return Buffer.concat(chunks).subarray(0, SNIFF_BYTES);
}

const unused = (files: readonly ExternalFile[]): Finding => ({
  code: "external_file_unused",
  severity: "warn",
  title: "File without use",
  message: `${files.length} further ${files.length === 1 ? "file" : "files"} came with the model; only ONNX models read files beside them.`,
  hint: "Leave them out. A SavedModel is sent as one archive.",
});
