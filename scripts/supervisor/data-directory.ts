import { randomBytes } from "node:crypto";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { z } from "zod";

/** Everything of one installation that is on this machine, and where in the data directory it lies. */
export type DataDirectory = {
  root: string;
  /** True when it was made now. */
  isNew: boolean;
  lockFile: string;
  postgres: string;
  logs: string;
  log: (part: string) => string;
};

/** Makes the folder (0700: it holds secrets and the database) when it is missing. */
export function openDataDirectory(root: string): DataDirectory {
  const isNew = !existsSync(root);
  mkdirSync(root, { recursive: true, mode: 0o700 });
  const real = realpathSync(root);
  for (const folder of ["secrets", "logs", "state"])
    mkdirSync(join(real, folder), { recursive: true, mode: 0o700 });
  chmodSync(join(real, "secrets"), 0o700);
  const logs = join(real, "logs");
  return {
    root: real,
    isNew,
    lockFile: join(real, "lock.json"),
    postgres: join(real, "postgres"),
    logs,
    log: (part) => join(logs, `${part}.log`),
  };
}

/** A random secret that is made once and kept in a file that only its owner can read. */
export function keptSecret(data: DataDirectory, name: string): string {
  const file = join(data.root, "secrets", name);
  if (!existsSync(file)) writeWhole(file, `${randomBytes(32).toString("base64url")}\n`);
  const secret = readFileSync(file, "utf8").trim();
  if (secret.length < 32)
    throw new Error(`${file} is damaged. Restore it, or delete it to have a new one made.`);
  return secret;
}

const stateSchema = z.object({
  /** Ports by their use, with what was wished for when they were chosen. */
  ports: z.record(z.string(), z.object({ port: z.number(), wanted: z.number() })).optional(),
  postgresPort: z.number().optional(),
  /** `wanted`: the demo is being laid out, and is started over after a kill. */
  demo: z.enum(["none", "wanted", "done"]).optional(),
});
export type State = z.infer<typeof stateSchema>;

/** What earlier starts have decided. */
export function readState(data: DataDirectory): State {
  try {
    return stateSchema.parse(JSON.parse(readFileSync(stateFile(data), "utf8")));
  } catch {
    // Missing, or cut off by a crash: ports and demo are then chosen anew from what is there.
    return {};
  }
}

export function writeState(data: DataDirectory, change: State): void {
  writeWhole(stateFile(data), JSON.stringify({ ...readState(data), ...change }));
}

function stateFile(data: DataDirectory): string {
  return join(data.root, "state", "supervisor.json");
}

/** Readers see the old or the new content, never half of it. */
export function writeWhole(file: string, text: string): void {
  const draft = `${file}.${process.pid}.new`;
  writeFileSync(draft, text, { mode: 0o600, flush: true });
  renameSync(draft, file);
}
