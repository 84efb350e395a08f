import { randomBytes } from "node:crypto";
import { link, mkdir, open, rename, rm } from "node:fs/promises";
import path from "node:path";

/** Small files that must survive a power cut: written aside, fsynced, put in place in one step, and the folder fsynced. */

export const isMissing = (error: unknown): boolean =>
  error instanceof Error && "code" in error && error.code === "ENOENT";

async function writeAside(file: string, text: string, mode: number): Promise<string> {
  const aside = `${file}.${randomBytes(6).toString("hex")}.tmp`;
  const handle = await open(aside, "wx", mode);
  try {
    await handle.writeFile(text);
    await handle.sync();
  } finally {
    await handle.close();
  }
  return aside;
}

async function syncDirectory(directory: string): Promise<void> {
  const handle = await open(directory, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Rejects with EEXIST, changing nothing, when the file is there already. */
export async function createDurableFile(file: string, text: string, mode: number): Promise<void> {
  await mkdir(path.dirname(file), { recursive: true, mode: 0o700 });
  const aside = await writeAside(file, text, mode);
  try {
    await link(aside, file);
  } finally {
    await rm(aside, { force: true });
  }
  await syncDirectory(path.dirname(file));
}

/** Afterwards the file holds either the old text or the new one, whatever happens in between. */
export async function replaceDurableFile(file: string, text: string, mode: number): Promise<void> {
  await mkdir(path.dirname(file), { recursive: true, mode: 0o700 });
  const aside = await writeAside(file, text, mode);
  try {
    await rename(aside, file);
  } catch (error) {
    await rm(aside, { force: true });
    throw error;
  }
  await syncDirectory(path.dirname(file));
}
