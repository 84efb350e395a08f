import { createHash, type Hash } from "node:crypto";
import { createReadStream } from "node:fs";
import { lstat, mkdir, open, readdir, rename, rm, stat, statfs, utimes } from "node:fs/promises";
import path from "node:path";
import type { DesiredVersion } from "#lib/contracts/runtime-protocol.ts";
import { syncDirectory } from "../storage/durable-file.ts";

type DesiredFile = DesiredVersion["files"][number];

/** Opens an artifact's bytes from `offset` on; `offset` in the answer says where they really begin. */
export type OpenArtifact = (
  digest: string,
  offset: number,
) => Promise<{ readonly offset: number; readonly body: AsyncIterable<Uint8Array> }>;

/** The bytes are not those that were named. Trying again can only help if the transfer was at fault. */
export class DigestError extends Error {
  override readonly name = "DigestError";
}

/** Versions no longer wanted that stay on disk, so that going back needs no download. */
const KEPT_UNUSED = 8;
const FREE_MARGIN_BYTES = 64 * 1024 * 1024;

const versionName = (digest: string) => digest.replace(":", "-");

async function hashInto(hash: Hash, file: string): Promise<number> {
  let size = 0;
  for await (const chunk of createReadStream(file)) {
    if (!(chunk instanceof Uint8Array)) continue;
    hash.update(chunk);
    size += chunk.length;
  }
  return size;
}

/** Bytes of a plain file that nobody else has a name for; null when there is no such file. */
async function plainFileBytes(file: string): Promise<number | null> {
  const found = await lstat(file).catch(() => null);
  return found !== null && found.isFile() && found.nlink === 1 ? found.size : null;
}

async function isIntact(directory: string, files: readonly DesiredFile[]): Promise<boolean> {
  const present = await readdir(directory).catch(() => []);
  if (present.length !== files.length) return false;
  for (const file of files) {
    const target = path.join(directory, file.name);
    if ((await plainFileBytes(target)) !== file.sizeBytes) return false;
    const hash = createHash("sha256");
    await hashInto(hash, target);
    if (`sha256:${hash.digest("hex")}` !== file.digest) return false;
  }
  return true;
}

/** Streams one file to disk, continuing what an earlier try left, and refuses it when size or digest differ. */
async function fetchFile(
  directory: string,
  file: DesiredFile,
  openArtifact: OpenArtifact,
  signal: AbortSignal,
): Promise<void> {
  const target = path.join(directory, file.name);
  const hash = createHash("sha256");
  let size = 0;
  const here = await plainFileBytes(target);
  if (here !== null && here <= file.sizeBytes) size = await hashInto(hash, target);
  else await rm(target, { recursive: true, force: true });

  const handle = await open(target, size > 0 ? "a" : "w", 0o600);
  try {
    if (size < file.sizeBytes || file.sizeBytes === 0) {
      const { offset, body } = await openArtifact(file.digest, size);
      if (offset !== size) {
        // The server does not continue: begin again.
        await handle.close();
        await rm(target, { force: true });
        if (offset !== 0)
          throw new Error("The control plane sent another part of the file than was asked for.");
        return await fetchFile(directory, file, () => Promise.resolve({ offset, body }), signal);
      }
      for await (const chunk of body) {
        signal.throwIfAborted();
        size += chunk.length;
        if (size > file.sizeBytes)
          throw new DigestError(
            `${file.name} is longer than the ${file.sizeBytes} bytes it should have.`,
          );
        hash.update(chunk);
        await handle.write(chunk);
      }
    }
    await handle.sync();
  } finally {
    await handle.close().catch(() => undefined);
  }
  if (size < file.sizeBytes)
    throw new Error(`The transfer of ${file.name} ended after ${size} of ${file.sizeBytes} bytes.`);
  if (`sha256:${hash.digest("hex")}` !== file.digest) {
    await rm(target, { force: true });
    throw new DigestError(`The bytes of ${file.name} do not have the digest ${file.digest}.`);
  }
}

async function checkFreeSpace(directory: string, files: readonly DesiredFile[]): Promise<void> {
  const needed = files.reduce((sum, file) => sum + file.sizeBytes, FREE_MARGIN_BYTES);
  const disk = await statfs(directory);
  const free = disk.bavail * disk.bsize;
  if (free < needed)
    throw new Error(`The version needs ${needed} bytes on disk; ${free} are free.`);
}

function checkNames(version: DesiredVersion): void {
  const names = new Set(version.files.map((file) => file.name.toLowerCase()));
  if (names.size !== version.files.length)
    throw new DigestError("Two files of the version have the same name.");
  for (const { name } of version.files) {
    if (name === "." || name === "..")
      throw new DigestError(`${JSON.stringify(name)} is no file name.`);
  }
}

/** Where versions lie on this host: one directory each, named by digest, holding the version's files and nothing else. */
export type ArtifactStore = {
  /** The directory of a version, complete and checked byte by byte; downloads what is missing. Throws `DigestError` when the bytes are not those named. */
  ensure(version: DesiredVersion, openArtifact: OpenArtifact, signal: AbortSignal): Promise<string>;
  /** Removes the oldest versions that are not wanted, all but the newest eight. */
  prune(wantedDigests: ReadonlySet<string>): Promise<void>;
};

async function obtain(
  root: string,
  version: DesiredVersion,
  openArtifact: OpenArtifact,
  signal: AbortSignal,
): Promise<string> {
  checkNames(version);
  const directory = path.join(root, versionName(version.digest));
  if (await isIntact(directory, version.files)) {
    const now = new Date();
    await utimes(directory, now, now);
    return directory;
  }
  await rm(directory, { recursive: true, force: true });
  const partial = path.join(root, `partial-${versionName(version.digest)}`);
  await mkdir(partial, { recursive: true, mode: 0o700 });
  await checkFreeSpace(root, version.files);
  for (const file of version.files) await fetchFile(partial, file, openArtifact, signal);
  const wanted = new Set(version.files.map((file) => file.name));
  for (const name of await readdir(partial))
    if (!wanted.has(name)) await rm(path.join(partial, name), { recursive: true, force: true });
  await syncDirectory(partial);
  await rename(partial, directory);
  await syncDirectory(root);
  return directory;
}

export async function openArtifactStore(root: string): Promise<ArtifactStore> {
  await mkdir(root, { recursive: true, mode: 0o700 });
  // Two that want one version at once (to serve it and to profile it) go one after the other; the second finds it there.
  const turns = new Map<string, Promise<unknown>>();
  return {
    async ensure(version, openArtifact, signal) {
      const before = turns.get(version.digest) ?? Promise.resolve();
      const mine = before
        .catch(() => undefined)
        .then(() => obtain(root, version, openArtifact, signal));
      turns.set(version.digest, mine);
      return mine.finally(() => {
        if (turns.get(version.digest) === mine) turns.delete(version.digest);
      });
    },
    async prune(wantedDigests) {
      const wanted = new Set([...wantedDigests].map(versionName));
      const unused: { name: string; atMs: number }[] = [];
      for (const name of await readdir(root)) {
        if (wanted.has(name.replace(/^partial-/, ""))) continue;
        unused.push({
          name,
          atMs: (await stat(path.join(root, name)).catch(() => null))?.mtimeMs ?? 0,
        });
      }
      unused.sort((a, b) => b.atMs - a.atMs);
      for (const { name } of unused.slice(KEPT_UNUSED))
        await rm(path.join(root, name), { recursive: true, force: true });
    },
  };
}
