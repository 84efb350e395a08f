import { mkdir, readdir, readFile, stat, writeFile } from "node:fs/promises";
import path from "node:path";
import { checkpointFileName, isCheckpointFileName, spread, type Witness } from "./witness.ts";

const MODE_READ_ONLY = 0o444;
const MAX_NOTE_BYTES = 64 * 1024;

/** A directory, best on another machine or a medium that is written once. Files are made, never changed. */
export function fileWitness(name: string, directory: string): Witness {
  return {
    name,
    kind: "file",
    place: directory,
    async hand(checkpoint) {
      await mkdir(directory, { recursive: true });
      const file = path.join(directory, checkpointFileName(checkpoint));
      try {
        await writeFile(file, checkpoint.note, { flag: "wx", mode: MODE_READ_ONLY, flush: true });
      } catch (error) {
        if (!(error instanceof Error && "code" in error && error.code === "EEXIST")) throw error;
        if ((await readFile(file, "utf8")) !== checkpoint.note) throw new Error(`${path.basename(file)} is there with another text.`, { cause: error });
      }
    },
    async held(most) {
      const names = (await readdir(directory)).filter(isCheckpointFileName).sort();
      const notes: string[] = [];
      for (const one of spread(names, most)) {
        const file = path.join(directory, one);
        notes.push((await stat(file)).size > MAX_NOTE_BYTES ? "" : await readFile(file, "utf8"));
      }
      return notes;
    },
  };
}
