import { readdir, utimes } from "node:fs/promises";
import { basename, join } from "node:path";
import type { ArtifactStore } from "./artifact-store.ts";
import { removeIfThere, statOf } from "./files-on-disk.ts";
import { openLocalArtifactStore } from "./local-artifact-store.ts";

/** Nothing that was used so lately is removed: somebody may have its path and not have opened it yet. */
const IN_USE_MS = 15 * 60 * 1000;

/** Files on this host of a store that is elsewhere. Losing them loses nothing. */
export type LocalCopies = {
  readonly store: ArtifactStore;
  /** A file was asked for: it is removed later than those that were not. */
  used(digest: string): Promise<void>;
  /** Removes what was not used for longest, until the rest is at most the size allowed. Answers how many files. */
  trim(): Promise<number>;
};

export async function openLocalCopies(directory: string, maxBytes: number, now: () => number = Date.now): Promise<LocalCopies> {
  const store = await openLocalArtifactStore({ directory });
  return {
    store,
    async used(digest) {
      const at = new Date(now());
      // Trimmed in the meantime: the reader fetches it again.
      await utimes(await store.localPath(digest), at, at).catch(() => undefined);
    },
    async trim() {
      const files = await filesBelow(join(directory, "sha256"));
      let total = files.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
      let removed = 0;
      for (const { path, sizeBytes, usedAtMs } of files.sort((a, b) => a.usedAtMs - b.usedAtMs)) {
        if (total <= maxBytes || now() - usedAtMs < IN_USE_MS) break;
        await removeIfThere(path);
        total -= sizeBytes;
        removed += 1;
      }
      return removed;
    },
  };
}

async function filesBelow(directory: string): Promise<{ path: string; sizeBytes: number; usedAtMs: number }[]> {
  const found: { path: string; sizeBytes: number; usedAtMs: number }[] = [];
  for (const name of await readdir(directory, { recursive: true })) {
    if (!/^[0-9a-f]{64}$/.test(basename(name))) continue;
    const path = join(directory, name);
    const stats = await statOf(path);
    if (stats !== null) found.push({ path, sizeBytes: stats.size, usedAtMs: stats.mtimeMs });
  }
  return found;
}
