import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { Readable } from "node:stream";
import {
  CopyObjectCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
  S3ServiceException,
} from "@aws-sdk/client-s3";
import { AppError } from "#lib/domain/errors.ts";
import { isArtifactDigest, type ArtifactStore, type ByteRange, type StagedArtifact } from "./artifact-store.ts";
import type { S3Place } from "../s3/s3-place.ts";
import type { LocalCopies } from "./local-copies.ts";

/** What one PUT may carry, by the protocol; settings that allow larger files are refused. */
const S3_MAX_OBJECT_BYTES = 5 * 1024 ** 3;
const PUT_ATTEMPTS = 3;
/** Bytes that come again are marked as new only after this time: each mark is a copy inside the bucket. */
const FRESH_MS = 60 * 60 * 1000;

type Listed = { readonly digest: string; readonly modifiedAt: Date };

/**
 * An artifact store in a bucket, for a control plane on several hosts: objects `<prefix>sha256/ab/cd/<64 hex>`. What comes in is written and
 * hashed on this host first, and part of the store once the bucket has taken it with the same sha256; files that are read here lie in
 * `copies` for a while. Credentials as the AWS SDK finds them.
 */
export function openS3ArtifactStore(place: S3Place, copies: LocalCopies): ArtifactStore {
  const client = new S3Client({
    region: place.region,
    ...(place.endpoint === null ? {} : { endpoint: place.endpoint, forcePathStyle: true }),
  });
  const bucket = { client, place };
  const sizeOf = async (digest: string): Promise<number | null> => (await headOf(bucket, digest))?.sizeBytes ?? null;
  return {
    async stage(bytes, terms) {
      return keptInBucket(bucket, copies, await copies.store.stage(bytes, terms));
    },
    has: async (digest) => (await sizeOf(digest)) !== null,
    sizeOf,
    async open(digest, range) {
      return (await copies.store.open(digest, range)) ?? (await read(bucket, digest, range));
    },
    async localPath(digest) {
      if (!(await copies.store.has(digest))) {
        const bytes = await read(bucket, digest);
        if (bytes === null) throw new AppError("not_found", "The artifact store does not have these bytes.");
        await keepCopy(copies, digest, bytes);
      }
      await copies.used(digest);
      return copies.store.localPath(digest);
    },
    async *digests() {
      for await (const { digest } of listed(bucket, null)) yield digest;
    },
    async sweep(isNamed, olderThanMs) {
      let removed = 0;
      for await (const { digest, modifiedAt } of listed(bucket, null)) {
        if (Date.now() - modifiedAt.getTime() <= olderThanMs || (await isNamed(digest))) continue;
        // Asked again, because the same bytes may have been kept while we looked.
        const now = await headOf(bucket, digest);
        if (now === null || Date.now() - now.modifiedAt.getTime() <= olderThanMs) continue;
        await send(() => client.send(new DeleteObjectCommand({ Bucket: place.bucket, Key: keyOf(place, digest) })));
        removed += 1;
      }
      await copies.trim();
      return removed;
    },
    scrub: scrubbing(bucket),
  };
}

type Bucket = { readonly client: S3Client; readonly place: S3Place };

function keyOf({ prefix }: S3Place, digest: string): string {
  if (!isArtifactDigest(digest)) throw new Error(`not an artifact digest: ${digest.slice(0, 80)}`);
  const hex = digest.slice("sha256:".length);
  return `${prefix}sha256/${hex.slice(0, 2)}/${hex.slice(2, 4)}/${hex}`;
}

/** The staged file, of which `keep` is done when the bucket has it; the file here stays as a copy. */
function keptInBucket(bucket: Bucket, copies: LocalCopies, staged: StagedArtifact): StagedArtifact {
  let kept: Promise<{ readonly created: boolean }> | null = null;
  const keep = async (): Promise<{ readonly created: boolean }> => {
    const created = await put(bucket, staged);
    await staged.keep();
    await copies.used(staged.digest);
    return { created };
  };
  return { digest: staged.digest, sizeBytes: staged.sizeBytes, path: staged.path, keep: () => (kept ??= keep()), discard: () => staged.discard() };
}

/** Brings an object here, if it still is what was stored. */
async function keepCopy(copies: LocalCopies, digest: string, bytes: Readable): Promise<void> {
  const staged = await copies.store.stage(bytes, { maxBytes: S3_MAX_OBJECT_BYTES, name: "The stored file", pointer: "" });
  if (staged.digest === digest) return void (await staged.keep());
  await staged.discard();
  throw new AppError("upstream_unavailable", `What the bucket has as ${digest} is ${staged.digest}: it was damaged or replaced.`, {
    hint: "Put the object back from the bucket's earlier version or from a backup.",
  });
}

/** True when the bucket did not have these bytes before. It compares their sha256 itself. */
async function put(bucket: Bucket, { digest, sizeBytes, path }: StagedArtifact): Promise<boolean> {
  const { client, place } = bucket;
  const there = { Bucket: place.bucket, Key: keyOf(place, digest) };
  const present = await headOf(bucket, digest);
  if (present !== null && present.sizeBytes === sizeBytes) {
    if (Date.now() - present.modifiedAt.getTime() > FRESH_MS) {
      const renewed = { ...there, CopySource: `${place.bucket}/${there.Key}`, MetadataDirective: "REPLACE" } as const;
      await send(() => client.send(new CopyObjectCommand(renewed)));
    }
    return false;
  }
  const ChecksumSHA256 = Buffer.from(digest.slice("sha256:".length), "hex").toString("base64");
  for (let attempt = 1; ; attempt += 1) {
    try {
      // A stream is read once: the SDK cannot send it again by itself.
      await client.send(new PutObjectCommand({ ...there, Body: createReadStream(path), ContentLength: sizeBytes, ChecksumSHA256 }));
      return true;
    } catch (error) {
      if (attempt === PUT_ATTEMPTS || isRefusal(error)) throw unavailable(error);
    }
  }
}

async function headOf({ client, place }: Bucket, digest: string): Promise<{ sizeBytes: number; modifiedAt: Date } | null> {
  const answer = await send(() => client.send(new HeadObjectCommand({ Bucket: place.bucket, Key: keyOf(place, digest) })));
  return answer === null ? null : { sizeBytes: answer.ContentLength ?? 0, modifiedAt: answer.LastModified ?? new Date() };
}

async function read({ client, place }: Bucket, digest: string, range?: ByteRange): Promise<Readable | null> {
  const Range = range === undefined ? {} : { Range: `bytes=${String(range.start)}-${String(range.end)}` };
  const answer = await send(() => client.send(new GetObjectCommand({ Bucket: place.bucket, Key: keyOf(place, digest), ...Range })));
  if (answer === null) return null;
  if (!(answer.Body instanceof Readable)) throw unavailable(new Error("The answer has no body."));
  return answer.Body;
}

/** Every artifact in the order of its digest, after the one given. */
async function* listed({ client, place }: Bucket, after: string | null): AsyncGenerator<Listed> {
  let next: { ContinuationToken?: string; StartAfter?: string } = after === null ? {} : { StartAfter: keyOf(place, after) };
  for (;;) {
    const page = await send(() => client.send(new ListObjectsV2Command({ Bucket: place.bucket, Prefix: `${place.prefix}sha256/`, ...next })));
    for (const { Key = "", LastModified } of page?.Contents ?? []) {
      const digest = `sha256:${Key.slice(Key.lastIndexOf("/") + 1)}`;
      if (isArtifactDigest(digest)) yield { digest, modifiedAt: LastModified ?? new Date() };
    }
    if (page?.NextContinuationToken === undefined) return;
    next = { ContinuationToken: page.NextContinuationToken };
  }
}

/** Goes round the bucket, a part each time; where it stands is kept in memory, so a restart begins anew. */
function scrubbing(bucket: Bucket): ArtifactStore["scrub"] {
  let after: string | null = null;
  return async (maxBytes) => {
    const report = { checked: 0, bytes: 0, damaged: [] as string[] };
    for await (const { digest } of listed(bucket, after)) {
      const bytes = await read(bucket, digest);
      if (bytes === null) continue;
      const hash = createHash("sha256");
      for await (const chunk of bytes as AsyncIterable<Uint8Array>) {
        hash.update(chunk);
        report.bytes += chunk.length;
      }
      report.checked += 1;
      if (`sha256:${hash.digest("hex")}` !== digest) report.damaged.push(digest);
      after = digest;
      if (report.bytes >= maxBytes) return report;
    }
    after = null;
    return report;
  };
}

/** What the bucket answers; null when it has no such object. Throws `upstream_unavailable` for everything else. */
async function send<T>(ask: () => Promise<T>): Promise<T | null> {
  try {
    return await ask();
  } catch (error) {
    if (error instanceof S3ServiceException && error.$metadata.httpStatusCode === 404 && error.name !== "NoSuchBucket") return null;
    throw unavailable(error);
  }
}

const isRefusal = (error: unknown): boolean =>
  error instanceof S3ServiceException && (error.$metadata.httpStatusCode ?? 500) < 500;

const unavailable = (cause: unknown): AppError =>
  new AppError("upstream_unavailable", "The bucket of the artifact store did not take or give the file.", {
    hint: `Look at SLIPWAY_ARTIFACT_S3 and whether this host's credentials may read, write and list there${cause instanceof Error ? ` (${cause.name})` : ""}. Nothing was changed; try again.`,
    cause,
  });
