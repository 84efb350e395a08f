import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import {
  chmod,
  mkdir,
  open,
  readdir,
  rename,
  statfs,
  utimes,
  type FileHandle,
} from "node:fs/promises";
import { basename, join } from "node:path";
import { AppError } from "#lib/domain/errors.ts";
import {
  isArtifactDigest,
  type ArtifactStore,
  type StagedArtifact,
  type StageTerms,
} from "./artifact-store.ts";
import { removeIfThere, statOf } from "./files-on-disk.ts";
import { shownBytes } from "./shown-bytes.ts";
import { removeAbandoned, stagingName } from "./staging-files.ts";

export type LocalArtifactStore = ArtifactStore & {
  /** Where the file is or would be. Throws on anything that is not `sha256:` and 64 hexadecimal digits. */
  path(digest: string): string;
};

export type LocalArtifactStoreOptions = {
  readonly directory: string;
  /** Uploads stop when the volume would have less than this left. */
  readonly freeSpaceFloorBytes?: number;
  /** Free bytes on the volume; the file system's answer unless a test gives another. */
  readonly freeBytes?: () => Promise<number>;
};

const MIB = 1024 * 1024;
const DEFAULT_FLOOR_BYTES = 2048 * MIB;
/** Free space is asked for again after so many bytes. */
const SPACE_CHECK_BYTES = 64 * MIB;

type Volume = {
  readonly directory: string;
  readonly staging: string;
  readonly floorBytes: number;
  readonly freeBytes: () => Promise<number>;
};

/**
 * An artifact store in a local directory: `sha256/ab/cd/<64 hex>`, files read-only, and `staging/` for what is being written.
 * Makes the directories and removes what uploads that died left in staging.
 */
export async function openLocalArtifactStore(
  options: LocalArtifactStoreOptions,
): Promise<LocalArtifactStore> {
  const { directory } = options;
  const volume: Volume = {
    directory,
    staging: join(directory, "staging"),
    floorBytes: options.freeSpaceFloorBytes ?? DEFAULT_FLOOR_BYTES,
    freeBytes: options.freeBytes ?? (() => freeBytesOf(directory)),
  };
  await mkdir(volume.staging, { recursive: true, mode: 0o700 });
  await mkdir(join(directory, "sha256"), { recursive: true, mode: 0o700 });
  await removeAbandoned(volume.staging);
  return {
    stage: (bytes, terms) => stage(volume, bytes, terms),
    has: async (digest) => (await statOf(pathOf(directory, digest))) !== null,
    sizeOf: async (digest) => (await statOf(pathOf(directory, digest)))?.size ?? null,
    open: async (digest, range) => {
      const path = pathOf(directory, digest);
      return (await statOf(path)) === null ? null : createReadStream(path, range);
    },
    async *digests() {
      for (const name of await hexNames(directory)) yield `sha256:${name}`;
    },
    sweep: (isNamed, olderThanMs) => sweep(directory, isNamed, olderThanMs),
    path: (digest) => pathOf(directory, digest),
    localPath: async (digest) => {
      const path = pathOf(directory, digest);
      if ((await statOf(path)) === null) throw new AppError("not_found", "The artifact store does not have these bytes.");
      return path;
    },
    scrub: scrubbing(directory),
  };
}

function pathOf(directory: string, digest: string): string {
  if (!isArtifactDigest(digest)) throw new Error(`not an artifact digest: ${digest.slice(0, 80)}`);
  const hex = digest.slice("sha256:".length);
  return join(directory, "sha256", hex.slice(0, 2), hex.slice(2, 4), hex);
}

async function stage(
  volume: Volume,
  bytes: AsyncIterable<Uint8Array>,
  terms: StageTerms,
): Promise<StagedArtifact> {
  await requireSpace(volume, terms.declaredBytes ?? 0);
  const path = join(volume.staging, stagingName());
  try {
    const handle = await open(path, "wx", 0o600);
    let written: { readonly digest: string; readonly sizeBytes: number };
    try {
      written = await writeHashed(volume, handle, bytes, terms);
      await handle.sync();
    } finally {
      await handle.close();
    }
    requireDigest(written.digest, terms);
    return stagedArtifact(volume, path, written);
  } catch (error) {
    await removeIfThere(path);
    throw asRefusal(error, terms);
  }
}

async function writeHashed(
  volume: Volume,
  handle: FileHandle,
  bytes: AsyncIterable<Uint8Array>,
  terms: StageTerms,
): Promise<{ readonly digest: string; readonly sizeBytes: number }> {
  const hash = createHash("sha256");
  let sizeBytes = 0;
  let nextSpaceCheck = SPACE_CHECK_BYTES;
  for await (const chunk of bytes) {
    sizeBytes += chunk.length;
    if (sizeBytes > terms.maxBytes) throw tooLarge(terms);
    if (sizeBytes >= nextSpaceCheck) {
      nextSpaceCheck = sizeBytes + SPACE_CHECK_BYTES;
      await requireSpace(volume, 0);
    }
    hash.update(chunk);
    // writeFile goes on from the present position and repeats short writes.
    await handle.writeFile(chunk);
  }
  return { digest: `sha256:${hash.digest("hex")}`, sizeBytes };
}

function stagedArtifact(
  volume: Volume,
  path: string,
  { digest, sizeBytes }: { readonly digest: string; readonly sizeBytes: number },
): StagedArtifact {
  let kept: Promise<{ readonly created: boolean }> | null = null;
  let discarded = false;
  return {
    digest,
    sizeBytes,
    path,
    async keep() {
      if (discarded) throw new Error("This artifact was discarded.");
      return (kept ??= moveIntoStore(volume, path, digest, sizeBytes));
    },
    async discard() {
      discarded = true;
      await kept?.catch(() => undefined);
      await removeIfThere(path);
    },
  };
}

/** After this the bytes survive a power cut: file and every directory on the way are on disk. */
async function moveIntoStore(
  volume: Volume,
  from: string,
  digest: string,
  sizeBytes: number,
): Promise<{ readonly created: boolean }> {
  const to = pathOf(volume.directory, digest);
  const present = await statOf(to);
  if (present !== null && present.size === sizeBytes) {
    const now = new Date();
    await utimes(to, now, now);
    await removeIfThere(from);
    return { created: false };
  }
  const leaf = join(to, "..");
  await mkdir(leaf, { recursive: true, mode: 0o700 });
  await chmod(from, 0o400);
  await rename(from, to);
  for (const directory of [leaf, join(leaf, ".."), join(leaf, "..", "..")])
    await syncDirectory(directory);
  return { created: true };
}

/** The hexadecimal digests of what is there, sorted. */
async function hexNames(directory: string): Promise<string[]> {
  const names = await readdir(join(directory, "sha256"), { recursive: true });
  return names.map((name) => basename(name)).filter((name) => isArtifactDigest(`sha256:${name}`)).sort();
}

async function sweep(
  directory: string,
  isNamed: (digest: string) => Promise<boolean>,
  olderThanMs: number,
): Promise<number> {
  let removed = 0;
  for (const name of await hexNames(directory)) {
    const digest = `sha256:${name}`;
    const path = pathOf(directory, digest);
    if (!(await isOlder(path, olderThanMs)) || (await isNamed(digest))) continue;
    // Asked again, because the same bytes may have been kept while we looked.
    if (!(await isOlder(path, olderThanMs))) continue;
    await removeIfThere(path);
    removed += 1;
  }
  return removed;
}

/** Goes round the store, a part each time; where it stands is kept in memory, so a restart begins anew. */
function scrubbing(directory: string): ArtifactStore["scrub"] {
  let after = "";
  return async (maxBytes) => {
    const names = await hexNames(directory);
    const damaged: string[] = [];
    let bytes = 0;
    let checked = 0;
    for (const name of [...names.filter((one) => one > after), ...names.filter((one) => one <= after)]) {
      const hash = createHash("sha256");
      try {
        for await (const chunk of createReadStream(pathOf(directory, `sha256:${name}`)) as AsyncIterable<Uint8Array>) {
          hash.update(chunk);
          bytes += chunk.length;
        }
      } catch (error) {
        // Swept in the meantime.
        if (error instanceof Error && "code" in error && error.code === "ENOENT") continue;
        throw error;
      }
      checked += 1;
      after = name;
      if (hash.digest("hex") !== name) damaged.push(`sha256:${name}`);
      if (bytes >= maxBytes) break;
    }
    return { checked, bytes, damaged };
  };
}

async function isOlder(path: string, ageMs: number): Promise<boolean> {
  const stats = await statOf(path);
  return stats !== null && Date.now() - stats.mtimeMs > ageMs;
}

async function syncDirectory(directory: string): Promise<void> {
  const handle = await open(directory, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function freeBytesOf(directory: string): Promise<number> {
  const { bavail, bsize } = await statfs(directory);
  return bavail * bsize;
}

async function requireSpace(volume: Volume, neededBytes: number): Promise<void> {
  if ((await volume.freeBytes()) - neededBytes < volume.floorBytes) throw noSpace();
}

const noSpace = (cause?: unknown): AppError =>
  new AppError("insufficient_storage", "The artifact store has no room for this upload.", {
    hint: "Free space on the volume of the artifact store, or give it another directory (SLIPWAY_ARTIFACT_DIR).",
    cause,
  });

const tooLarge = ({ name, pointer, maxBytes }: StageTerms): AppError =>
  new AppError("payload_too_large", `${name} is larger than the ${shownBytes(maxBytes)} allowed.`, {
    errors: [{ pointer, message: `At most ${maxBytes} bytes.` }],
    hint: "The limit is set by SLIPWAY_MAX_UPLOAD_BYTES.",
  });

function requireDigest(digest: string, terms: StageTerms): void {
  const { declaredDigest, name, pointer } = terms;
  if (declaredDigest === undefined || declaredDigest === null || declaredDigest === digest) return;
  throw new AppError(
    "invalid_input",
    `${name} arrived as ${digest}, not as ${declaredDigest.slice(0, 80)}.`,
    {
      errors: [
        { pointer, message: "The bytes do not have the digest that was declared for them." },
      ],
      hint: "The file changed or was damaged on its way. Send it again.",
    },
  );
}

/** Failures of the stream and of the disk in words; bugs stay what they are. */
function asRefusal(error: unknown, { name, pointer }: StageTerms): unknown {
  if (error instanceof AppError) return error;
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  if (code === "ENOSPC" || code === "EDQUOT") return noSpace(error);
  if (typeof code === "string" && /^E[A-Z]+$/.test(code) && !streamCodes.has(code)) return error;
  return new AppError("malformed_request", `The upload of ${name} broke off.`, {
    errors: [{ pointer, message: "Not all of it arrived." }],
    hint: "Send it again.",
    cause: error,
  });
}

/** System errors of a connection, as against those of the disk. */
const streamCodes: ReadonlySet<string> = new Set([
  "ECONNRESET",
  "EPIPE",
  "ETIMEDOUT",
  "ECONNABORTED",
]);
