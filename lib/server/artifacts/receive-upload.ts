import { AppError } from "#lib/domain/errors.ts";
import type { ArtifactStore } from "./artifact-store.ts";
import {
  invalidPart,
  type LockText,
  malformedUpload,
  readParts,
  uploadTooLarge,
  type Parts,
  type Reception,
  type UploadTerms,
} from "./read-parts.ts";
import { defaultSampleLimits, type SampleFile, type SampleLimits } from "./summarise-sample.ts";

/** A request as this module needs it; the body of a web `Request` and of a Node one both fit. */
export type UploadRequest = {
  readonly contentType: string | null;
  readonly contentLength: number | null;
  readonly body: AsyncIterable<Uint8Array> | null;
};

export type UploadLimits = {
  /** Model and external files together. */
  readonly maxBytes: number;
  readonly maxExternalFiles?: number;
  readonly maxFields?: number;
  readonly maxFieldBytes?: number;
  readonly maxFieldBytesTotal?: number;
  readonly sample?: SampleLimits;
  readonly maxLocks?: number;
};

export type UploadedFile = {
  readonly name: string;
  readonly role: "model" | "external";
  /** `sha256:<64 hex>` */
  readonly digest: string;
  readonly sizeBytes: number;
  /** Where to read it before `keep`; afterwards `ArtifactStore.localPath(digest)` has it. */
  readonly path: string;
};

/**
 * Everything a multipart upload carried. The files are staged: call `keep` once the rest is found good, else `discard`.
 * `fields` are texts by name, small files among them (`-F contract=@contract.json`).
 */
export type ReceivedUpload = {
  readonly fields: ReadonlyMap<string, string>;
  readonly model: UploadedFile;
  readonly external: readonly UploadedFile[];
  readonly sample: SampleFile | null;
  /** Files of dependencies, in the order in which they came. */
  readonly locks: readonly LockText[];
  keep(): Promise<void>;
  discard(): Promise<void>;
};

const MIB = 1024 * 1024;
/** Room for boundaries and part headers when a request is refused by its declared length. */
const FRAME_BYTES = MIB;

/**
 * Receives a multipart upload: parts `model` (one file), `external` (files the model reads, by their bare names), `sample` (a CSV file), `lock` (files of dependencies) and text fields in any
 * order; the text field `digest`, when there is one, must be the model's sha256. Bytes stream to the store's volume. At the first
 * thing that is wrong it throws an AppError, with nothing left behind; the rest of the body is read on in the background and thrown away, so that the answer arrives.
 */
export async function receiveUpload(
  store: ArtifactStore,
  request: UploadRequest,
  limits: UploadLimits,
): Promise<ReceivedUpload> {
  const terms: UploadTerms = {
    maxExternalFiles: 32,
    maxFields: 64,
    maxFieldBytes: 4 * MIB,
    maxFieldBytesTotal: 16 * MIB,
    sample: defaultSampleLimits,
    maxLocks: 8,
    ...limits,
  };
  const { contentType, contentLength, body } = request;
  if (contentType === null || !/^multipart\/form-data\s*;/i.test(contentType)) {
    throw new AppError("unsupported_media_type", "An upload must be multipart/form-data.", {
      hint: "With curl: -F model=@model.onnx",
    });
  }
  if (body === null) throw malformedUpload("The request has no body.");
  const bound = terms.maxBytes + terms.maxFieldBytesTotal + terms.sample.maxBytes + FRAME_BYTES;
  if (contentLength !== null && contentLength > bound) throw uploadTooLarge(terms);
  const parts: Parts = {
    fields: new Map(),
    files: [],
    hasSample: false,
    sample: null,
    locks: [],
    fieldBytes: 0,
    fileBytes: 0,
  };
  const reception: Reception = { store, terms, contentType, contentLength, parts };
  try {
    await readParts(reception, body);
    return settled(parts);
  } catch (error) {
    await discardAll(parts);
    throw error;
  }
}

async function discardAll(parts: Parts): Promise<void> {
  for (const { artifact } of parts.files) await artifact?.discard();
}

function settled(parts: Parts): ReceivedUpload {
  const files: UploadedFile[] = parts.files.flatMap(({ name, role, artifact }) =>
    artifact === null
      ? []
      : [
          {
            name,
            role,
            digest: artifact.digest,
            sizeBytes: artifact.sizeBytes,
            path: artifact.path,
          },
        ],
  );
  const model = files.find((file) => file.role === "model");
  if (model === undefined) {
    throw invalidPart(
      "/model",
      "No model file was sent.",
      "Send it as the multipart part named model.",
    );
  }
  if (model.sizeBytes === 0) throw invalidPart("/model", "The model file is empty.");
  const declared = parts.fields.get("digest");
  if (declared !== undefined && declared !== model.digest) {
    throw invalidPart(
      "/digest",
      `The model arrived as ${model.digest}.`,
      "The file changed or was damaged on its way. Send it again.",
    );
  }
  parts.fields.delete("digest");
  return {
    fields: parts.fields,
    model,
    external: files.filter((file) => file.role === "external"),
    sample: parts.sample,
    locks: parts.locks,
    async keep() {
      for (const { artifact } of parts.files) await artifact?.keep();
    },
    discard: () => discardAll(parts),
  };
}
