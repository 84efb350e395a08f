import { createReadStream, createWriteStream, openAsBlob, rmSync } from "node:fs";
import { mkdtemp, readdir, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join, relative, resolve } from "node:path";
import { pipeline } from "node:stream/promises";
import { pack } from "tar-stream";
import { CliProblem, EXIT } from "./exit-codes.ts";

export type ModelPart = { readonly blob: Blob; readonly name: string };

/** The model file as it lies on disk; a directory (a SavedModel) as one tar of its plain files, the same bytes each time. */
export async function modelPart(path: string): Promise<ModelPart> {
  const found = await stat(path).catch(() => null);
  if (found?.isFile() === true) return { blob: await openAsBlob(path), name: basename(path) };
  if (found?.isDirectory() !== true) throw new CliProblem(`There is no file or directory ${path}.`, EXIT.usage);
  const directory = resolve(path);
  const scratch = await mkdtemp(join(tmpdir(), "slipway-"));
  const name = `${basename(directory).replace(/[^A-Za-z0-9._-]/g, "-")}.tar`;
  process.once("exit", () => {
    rmSync(scratch, { recursive: true, force: true });
  });
  await packDirectory(directory, join(scratch, name));
  return { blob: await openAsBlob(join(scratch, name)), name };
}

async function packDirectory(directory: string, to: string): Promise<void> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name)).sort();
  if (!files.some((file) => basename(file) === "saved_model.pb")) {
    throw new CliProblem(`${directory} holds no saved_model.pb: it is not the directory of a SavedModel.`, EXIT.usage);
  }
  const archive = pack();
  const writing = pipeline(archive, createWriteStream(to));
  for (const file of files) {
    const { size } = await stat(file);
    const entry = archive.entry({ name: relative(directory, file), size, mode: 0o644, mtime: new Date(0) });
    await pipeline(createReadStream(file), entry);
  }
  archive.finalize();
  await writing;
}
