import { open } from "node:fs/promises";
import type { ArtifactStore } from "./artifact-store.ts";
import type { ByteSource } from "#lib/domain/artifact/types.ts";

/** A file as a source of bytes for the inspectors. One buffer serves all reads; close it when done. */
export async function openFileSource(
  path: string,
): Promise<ByteSource & { close(): Promise<void> }> {
  const handle = await open(path, "r");
  const { size } = await handle.stat();
  let buffer = new Uint8Array(0);
  return {
    size,
    async read(offset, length) {
      if (buffer.length < length) buffer = new Uint8Array(length);
      let filled = 0;
      while (filled < length) {
        const { bytesRead } = await handle.read(buffer, filled, length - filled, offset + filled);
        if (bytesRead === 0) break;
        filled += bytesRead;
      }
      return buffer.subarray(0, filled);
    },
    close: () => handle.close(),
  };
}

/** The same over an artifact that the store has. */
export async function openStoredSource(artifacts: ArtifactStore, digest: string): Promise<ByteSource & { close(): Promise<void> }> {
  return openFileSource(await artifacts.localPath(digest));
}
