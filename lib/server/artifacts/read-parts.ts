import type { Readable } from "node:stream";
import busboy, { type Busboy, type FileInfo } from "busboy";
import { isBareFileName } from "#lib/domain/artifact/external-data.ts";
import { AppError } from "#lib/domain/errors.ts";
import { isArtifactDigest, type ArtifactStore, type StagedArtifact } from "./artifact-store.ts";
import { pumpBody } from "./pump-body.ts";
import { shownBytes } from "./shown-bytes.ts";
import { summariseSample, type SampleFile, type SampleLimits } from "./summarise-sample.ts";

export type UploadTerms = {
  readonly maxBytes: number;
  readonly maxExternalFiles: number;
  readonly maxFields: number;
  readonly maxFieldBytes: number;
  readonly maxFieldBytesTotal: number;
  readonly sample: SampleLimits;
  readonly maxLocks: number;
};

/** A file of dependencies, as text with its name. */
export type LockText = { readonly fileName: string; readonly text: string };

/** A file part from the moment it starts, so that the next one sees it although this one is still being written. */
export type FileSlot = {
  readonly name: string;
  readonly role: "model" | "external";
  artifact: StagedArtifact | null;
};

/** What has come so far. */
export type Parts = {
  readonly fields: Map<string, string>;
  readonly files: FileSlot[];
  hasSample: boolean;
  sample: SampleFile | null;
  readonly locks: LockText[];
  fieldBytes: number;
  fileBytes: number;
};

export type Reception = {
  readonly store: ArtifactStore;
  readonly terms: UploadTerms;
  readonly contentType: string;
  readonly contentLength: number | null;
  readonly parts: Parts;
};

export const malformedUpload = (message: string, cause?: unknown): AppError =>
  new AppError("malformed_request", message, {
    hint: "Send multipart/form-data with the model file as the part named model.",
    cause,
  });

const brokenOff = (cause: unknown): AppError =>
  malformedUpload("The upload broke off before its end.", cause);

export const uploadTooLarge = ({ maxBytes }: UploadTerms): AppError =>
  new AppError(
    "payload_too_large",
    `The upload is larger than the ${shownBytes(maxBytes)} allowed.`,
    {
      errors: [{ pointer: "/model", message: `At most ${maxBytes} bytes.` }],
      hint: "The limit is set by SLIPWAY_MAX_UPLOAD_BYTES.",
    },
  );

const fieldTooLarge = (name: string, { maxFieldBytes }: UploadTerms): AppError =>
  new AppError(
    "payload_too_large",
    `The field ${name} is larger than the ${shownBytes(maxFieldBytes)} allowed.`,
    {
      errors: [{ pointer: `/${name}`, message: `At most ${maxFieldBytes} bytes.` }],
    },
  );

export const invalidPart = (pointer: string, message: string, hint?: string): AppError =>
  new AppError("invalid_input", message, {
    errors: [{ pointer, message }],
    ...(hint === undefined ? {} : { hint }),
  });

/** Feeds the body to the multipart parser until it ends or something is wrong, then waits for every part to settle. */
export async function readParts(
  reception: Reception,
  body: AsyncIterable<Uint8Array>,
): Promise<void> {
  const parser = startParser(reception);
  const pending: Promise<void>[] = [];
  await new Promise<void>((resolve, reject) => {
    let failure: { readonly error: unknown } | null = null;
    const settle = (): void => {
      void Promise.all(pending).then(() => (failure === null ? resolve() : reject(failure.error)));
    };
    const fail = (error: unknown): void => {
      if (failure !== null) return;
      failure = { error };
      // Ends the part that is being read as well.
      parser.destroy();
      settle();
    };
    parser.on("file", (name, stream, info) => {
      // Whoever reads the part hears of its error; without this an error while nobody reads yet would end the process.
      stream.on("error", () => undefined);
      // The parser finishes the chunk it is in, whatever has happened: parts that start now belong to nobody.
      if (failure !== null) {
        stream.resume();
        return;
      }
      pending.push(receiveFile(reception, name, stream, info).catch(fail));
    });
    parser.on("field", (name, value, info) => {
      if (failure !== null) return;
      try {
        if (info.nameTruncated) throw malformedUpload("A field has a name of more than 100 bytes.");
        if (info.valueTruncated) throw fieldTooLarge(name, reception.terms);
        addField(reception, name, value);
      } catch (error) {
        fail(error);
      }
    });
    for (const limit of ["fieldsLimit", "filesLimit", "partsLimit"] as const) {
      parser.on(limit, () => fail(malformedUpload("The request has more parts than are allowed.")));
    }
    parser.on("error", (error) =>
      fail(
        malformedUpload(
          "The multipart body cannot be read: it is cut off or not well formed.",
          error,
        ),
      ),
    );
    parser.on("close", settle);
    pumpBody(body, parser).catch((error: unknown) => fail(brokenOff(error)));
  });
}

function startParser({ contentType, terms }: Reception): Busboy {
  const files = terms.maxExternalFiles + terms.maxFields + terms.maxLocks + 2;
  try {
    return busboy({
      headers: { "content-type": contentType },
      defParamCharset: "utf8",
      limits: {
        fieldNameSize: 100,
        fieldSize: terms.maxFieldBytes,
        fields: terms.maxFields,
        files,
        parts: files + terms.maxFields,
        headerPairs: 16,
      },
    });
  } catch (error) {
    throw malformedUpload("The Content-Type has no usable boundary.", error);
  }
}

function addField({ terms, parts }: Reception, name: string, value: string): void {
  if (!/^[A-Za-z][A-Za-z0-9]{0,63}$/.test(name)) {
    throw malformedUpload("A field name is not made of letters and digits.");
  }
  if (parts.fields.has(name)) throw invalidPart(`/${name}`, `The field ${name} came twice.`);
  if (parts.fields.size >= terms.maxFields) {
    throw malformedUpload("The request has more parts than are allowed.");
  }
  parts.fieldBytes += Buffer.byteLength(value);
  if (parts.fieldBytes > terms.maxFieldBytesTotal) throw fieldTooLarge(name, terms);
  if (name === "digest" && !isArtifactDigest(value)) {
    throw invalidPart("/digest", "A digest is sha256: and 64 hexadecimal digits.");
  }
  parts.fields.set(name, value);
}

async function receiveFile(
  reception: Reception,
  part: string,
  stream: Readable,
  info: FileInfo,
): Promise<void> {
  const { parts, terms } = reception;
  const bytes = wholePart(stream);
  if (part === "model" || part === "external") {
    await receiveArtifact(reception, part, bytes, info);
  } else if (part === "sample") {
    if (parts.hasSample) throw invalidPart("/sample", "The part sample came twice.");
    parts.hasSample = true;
    parts.sample = await summariseSample(bytes, terms.sample);
  } else if (part === "lock") {
    await receiveLock(reception, bytes, info);
  } else {
    addField(reception, part, await readText(bytes, part, terms));
  }
}

async function receiveLock({ parts, terms }: Reception, bytes: AsyncIterable<Uint8Array>, info: FileInfo): Promise<void> {
  const pointer = `/locks/${parts.locks.length}`;
  if (parts.locks.length >= terms.maxLocks) throw invalidPart(pointer, `More than ${terms.maxLocks} files of dependencies were sent.`);
  const { filename } = info as { readonly filename: string | undefined };
  if (filename === undefined || !isBareFileName(filename)) {
    throw invalidPart(pointer, "A file of dependencies has no usable name.", "Use letters, digits, dots, hyphens and underscores, such as requirements.txt.");
  }
  const text = await readText(bytes, filename, terms);
  parts.fieldBytes += Buffer.byteLength(text);
  if (parts.fieldBytes > terms.maxFieldBytesTotal) throw fieldTooLarge(filename, terms);
  parts.locks.push({ fileName: filename, text });
}

/** Bytes of a part; what the parser reports in the middle of it becomes a refusal. */
async function* wholePart(stream: Readable): AsyncGenerator<Uint8Array> {
  try {
    yield* stream as AsyncIterable<Uint8Array>;
  } catch (error) {
    throw brokenOff(error);
  }
}

async function receiveArtifact(
  reception: Reception,
  role: FileSlot["role"],
  bytes: AsyncIterable<Uint8Array>,
  info: FileInfo,
): Promise<void> {
  const { parts, terms, store, contentLength } = reception;
  const ofRole = parts.files.filter((file) => file.role === role).length;
  const pointer = role === "model" ? "/model" : `/external/${ofRole}`;
  if (role === "model" && ofRole > 0) {
    throw invalidPart("/model", "The part model came twice.", "Send other files as external.");
  }
  if (ofRole >= terms.maxExternalFiles) {
    throw invalidPart(pointer, `More than ${terms.maxExternalFiles} external files were sent.`);
  }
  const name = role === "model" ? modelName(info.filename) : externalName(info.filename, pointer);
  // Some volumes do not tell case apart.
  if (parts.files.some((file) => file.name.toLowerCase() === name.toLowerCase())) {
    throw invalidPart(
      pointer,
      `Two files are called ${name}.`,
      "Each file needs a name of its own.",
    );
  }
  const slot: FileSlot = { name, role, artifact: null };
  parts.files.push(slot);
  slot.artifact = await store.stage(counted(bytes, reception), {
    maxBytes: terms.maxBytes,
    name: role === "model" ? "The model" : name,
    pointer,
    declaredBytes: role === "model" ? contentLength : null,
  });
}

/** Holds all files together to the limit, also while an earlier one is still being written to disk. */
async function* counted(
  bytes: AsyncIterable<Uint8Array>,
  { parts, terms }: Reception,
): AsyncGenerator<Uint8Array> {
  for await (const chunk of bytes) {
    parts.fileBytes += chunk.length;
    if (parts.fileBytes > terms.maxBytes) throw uploadTooLarge(terms);
    yield chunk;
  }
}

/** The model's own name is only for people and for the loader's directory: one that cannot stand there is replaced. */
function modelName(filename: string | undefined): string {
  return filename !== undefined && isBareFileName(filename) ? filename : "model.onnx";
}

function externalName(filename: string | undefined, pointer: string): string {
  if (filename !== undefined && isBareFileName(filename)) return filename;
  throw invalidPart(
    pointer,
    `An external file is called ${JSON.stringify((filename ?? "").slice(0, 80).toWellFormed())}.`,
    "Use the bare name by which the model refers to it: letters, digits, dots, hyphens and underscores.",
  );
}

async function readText(
  bytes: AsyncIterable<Uint8Array>,
  name: string,
  terms: UploadTerms,
): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of bytes) {
    size += chunk.length;
    if (size > terms.maxFieldBytes) throw fieldTooLarge(name, terms);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}
