import { createReadStream } from "node:fs";
import { realpath, stat } from "node:fs/promises";
import path from "node:path";
import { GetObjectCommand, S3Client } from "@aws-sdk/client-s3";
import type { BatchSource } from "#lib/contracts/batch.ts";
import { AppError } from "#lib/domain/errors.ts";
import type { Actor } from "../ports.ts";
import { receiveBatchInput, type BatchParts } from "./receive-input.ts";

/** Where inputs may be fetched from; what is not set is not open. */
export type BatchPlaces = {
  /** Files below this directory of the control plane's host. */
  readonly directory: string | null;
  readonly s3: { readonly endpoint: string | null; readonly region: string; readonly buckets: readonly string[] } | null;
};

const refuse = (message: string, hint: string): AppError =>
  new AppError("invalid_input", message, { hint, errors: [{ pointer: "/source", message }] });

/** `{date}` in a path or key, as the day in UTC. */
export const withDate = (text: string, now: Date): string => text.replaceAll("{date}", now.toISOString().slice(0, 10));

/** A file below the directory, by its real path: no link and no `..` leads out of it. */
async function fileBelow(directory: string, given: string): Promise<{ file: string; sizeBytes: number }> {
  const root = await realpath(directory);
  const file = await realpath(path.resolve(root, given)).catch(() => null);
  const found = file === null || !file.startsWith(root + path.sep) ? null : await stat(file).catch(() => null);
  if (file === null || found === null || !found.isFile()) throw refuse(`There is no file ${given.slice(0, 200)} to read.`, "Paths are taken below SLIPWAY_BATCH_DIR.");
  return { file, sizeBytes: found.size };
}

async function openS3(places: BatchPlaces, bucket: string, key: string): Promise<{ bytes: AsyncIterable<Uint8Array>; sizeBytes: number | null }> {
  if (places.s3 === null) throw refuse("Reading from S3 is not set up.", "Set SLIPWAY_BATCH_S3_BUCKETS.");
  if (!places.s3.buckets.includes(bucket)) throw refuse(`The bucket ${bucket} is not one that may be read.`, "Name it in SLIPWAY_BATCH_S3_BUCKETS.");
  const client = new S3Client({
    region: places.s3.region,
    ...(places.s3.endpoint === null ? {} : { endpoint: places.s3.endpoint, forcePathStyle: true }),
  });
  try {
    const answer = await client.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
    if (answer.Body === undefined) throw new Error("The answer has no body.");
    return { bytes: answer.Body as unknown as AsyncIterable<Uint8Array>, sizeBytes: answer.ContentLength ?? null };
  } catch (cause) {
    throw new AppError("upstream_unavailable", `s3://${bucket}/${key.slice(0, 200)} could not be read.`, {
      hint: "Look whether it exists and whether this installation's credentials may read it.",
      cause,
    });
  }
}

/** Brings the rows of a source into the store, if they are not there; answers their digest. What was read is a snapshot: a later change of the file is another input. */
export async function resolveSource(parts: BatchParts, places: BatchPlaces, actor: Actor, source: BatchSource, now: Date): Promise<string> {
  if (source.kind === "upload") return source.digest;
  if (source.kind === "s3") {
    const key = withDate(source.key, now);
    const { bytes, sizeBytes } = await openS3(places, source.bucket, key);
    return (await receiveBatchInput(parts, actor, { name: path.posix.basename(key), bytes, sizeBytes })).digest;
  }
  if (places.directory === null) throw refuse("Reading files of this host is not set up.", "Set SLIPWAY_BATCH_DIR, or upload the file.");
  const { file, sizeBytes } = await fileBelow(places.directory, withDate(source.path, now));
  return (await receiveBatchInput(parts, actor, { name: path.basename(file), bytes: createReadStream(file), sizeBytes })).digest;
}
