import { open, readFile, rm } from "node:fs/promises";
import { z } from "zod";
import { isSameProcess, processStart } from "../process-identity.ts";

/** Another runtime works in this directory. */
export class LockedError extends Error {
  override readonly name = "LockedError";
}

const holder = z.object({ pid: z.number().int().positive(), start: z.string().nullable() });

async function readHolder(file: string): Promise<z.output<typeof holder> | null> {
  try {
    return holder.parse(JSON.parse(await readFile(file, "utf8")));
  } catch {
    return null;
  }
}

/**
 * Takes the directory for this process. The lock names pid and start time, so one left behind by a killed process is recognised and taken over.
 * Answers how to give it back. Throws `LockedError`.
 */
export async function takeInstanceLock(file: string): Promise<() => Promise<void>> {
  for (let attempt = 0; attempt < 3; attempt += 1) {
    try {
      const handle = await open(file, "wx", 0o600);
      try {
        await handle.writeFile(
          JSON.stringify({ pid: process.pid, start: processStart(process.pid) }),
        );
        await handle.sync();
      } finally {
        await handle.close();
      }
      return () => rm(file, { force: true });
    } catch (error) {
      if (!(error instanceof Error && "code" in error && error.code === "EEXIST")) throw error;
      const found = await readHolder(file);
      if (found !== null && found.pid !== process.pid && isSameProcess(found.pid, found.start)) {
        throw new LockedError(
          `Another runtime (process ${found.pid}) works in this directory; give this one another SLIPWAY_RUNTIME_NAME.`,
        );
      }
      await rm(file, { force: true });
    }
  }
  throw new LockedError(`The lock ${file} could not be taken.`);
}
