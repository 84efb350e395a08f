import { mkdir, readdir, readFile, rm } from "node:fs/promises";
import { rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { isSameProcess, processStart } from "../process-identity.ts";

/** One small file per model host, so that hosts which outlive a killed runtime can be found and ended by the next. */
export type HostRecords = {
  /** Call for each host that is started. */
  add(pid: number): void;
  /** Forgets hosts that have ended. */
  tidy(): Promise<void>;
};

async function recordsIn(
  directory: string,
): Promise<{ file: string; pid: number; start: string }[]> {
  const records = [];
  for (const name of await readdir(directory)) {
    const file = path.join(directory, name);
    const start = await readFile(file, "utf8").catch(() => "");
    if (/^\d+$/.test(name)) records.push({ file, pid: Number(name), start });
  }
  return records;
}

/** Ends what an earlier process left behind: exactly the processes it recorded, recognised by pid and start time. */
export async function openHostRecords(directory: string): Promise<HostRecords> {
  await mkdir(directory, { recursive: true, mode: 0o700 });
  for (const { file, pid, start } of await recordsIn(directory)) {
    if (start !== "" && processStart(pid) === start) process.kill(pid, "SIGKILL");
    await rm(file, { force: true });
  }
  return {
    add(pid) {
      const start = processStart(pid);
      const file = path.join(directory, String(pid));
      if (start === null) rmSync(file, { force: true });
      else writeFileSync(file, start, { mode: 0o600 });
    },
    async tidy() {
      for (const { file, pid, start } of await recordsIn(directory))
        if (!isSameProcess(pid, start)) await rm(file, { force: true });
    },
  };
}
