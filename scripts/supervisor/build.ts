import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";

import { isAlive, ownIdentity } from "../bootstrap/process-identity.mjs";
import { readLock, unlock, waitForLock } from "../bootstrap/lock-file.mjs";

/** What a build of the pages depends on; changes elsewhere need none. */
const SOURCES = [
  "app",
  "components",
  "lib",
  "public",
  "next.config.ts",
  "proxy.ts",
  "tsconfig.json",
  "package.json",
  "package-lock.json",
  "prisma/schema",
] as const;
const IRRELEVANT =
  /([.](test|fixture)[.]tsx?$)|(^lib\/server\/db\/generated\/)|(^lib\/layers[.]fixture\/)/;

/** A short hash over the names and bytes of everything that goes into a build. */
export function sourceHash(root: string): string {
  const hash = createHash("sha256");
  for (const file of SOURCES.flatMap((source) => filesUnder(join(root, source))).sort()) {
    const name = relative(root, file);
    if (IRRELEVANT.test(name)) continue;
    hash.update(`${name}\0`).update(createHash("sha256").update(readFileSync(file)).digest());
  }
  return hash.digest("hex").slice(0, 12);
}

function filesUnder(path: string): string[] {
  if (!existsSync(path)) return [];
  let entries;
  try {
    entries = readdirSync(path, { withFileTypes: true });
  } catch {
    return [path];
  }
  return entries.flatMap((entry) => {
    const inner = join(path, entry.name);
    if (entry.isDirectory()) return filesUnder(inner);
    return entry.isFile() ? [inner] : [];
  });
}

export type BuildPlan = {
  root: string;
  /** Runs `next build` into the folder. */
  build: (distDirectory: string) => Promise<void>;
  onWait: (text: string) => void;
};

export type Build = { distDirectory: string; built: boolean };

/**
 * The build of the present sources, made when there is none. Each state of the sources has a folder of its own under `.next`, so that no build
 * is ever made over one that somebody runs; folders that nobody runs are cleared away.
 */
export async function ensureBuild(plan: BuildPlan): Promise<Build> {
  const hash = sourceHash(plan.root);
  const distDirectory = join(".next", hash);
  const base = join(plan.root, ".next");
  mkdirSync(base, { recursive: true });
  claim(base, hash);
  if (existsSync(doneMark(base, hash))) return { distDirectory, built: false };
  const lock = join(base, `${hash}.lock`);
  await waitForLock(lock, {
    onWait: (holder) => plan.onWait(`waiting for process ${holder.pid}, which is building`),
  });
  try {
    if (existsSync(doneMark(base, hash))) return { distDirectory, built: false };
    rmSync(join(base, hash), { recursive: true, force: true });
    await keepingFile(join(plan.root, "next-env.d.ts"), () => plan.build(distDirectory));
    // The compiler's own notes, 100 MB, are of no use to another folder or at run time.
    rmSync(join(base, hash, "cache"), { recursive: true, force: true });
    writeFileSync(doneMark(base, hash), "");
    sweep(base, hash);
    return { distDirectory, built: true };
  } finally {
    unlock(lock);
  }
}

function doneMark(base: string, hash: string): string {
  return join(base, `${hash}.done`);
}

/** Notes that this process runs the build, so that no other start clears it away. */
function claim(base: string, hash: string): void {
  const users = join(base, `${hash}.users`);
  mkdirSync(users, { recursive: true });
  writeFileSync(join(users, `${process.pid}.json`), JSON.stringify(ownIdentity()));
}

/** The build writes the place of its route types into next-env.d.ts; editors and the type check go on with the one they had. */
async function keepingFile(file: string, work: () => Promise<void>): Promise<void> {
  const before = existsSync(file) ? readFileSync(file) : null;
  try {
    await work();
  } finally {
    if (before !== null) writeFileSync(file, before);
  }
}

function sweep(base: string, current: string): void {
  const hashes = readdirSync(base).flatMap((name) => (/^[0-9a-f]{12}$/.test(name) ? [name] : []));
  for (const hash of hashes) {
    if (hash === current || isUsed(base, hash)) continue;
    rmSync(doneMark(base, hash), { force: true });
    for (const suffix of ["", ".users", ".lock"])
      rmSync(join(base, `${hash}${suffix}`), { recursive: true, force: true });
  }
}

function isUsed(base: string, hash: string): boolean {
  const users = join(base, `${hash}.users`);
  const names = existsSync(users) ? readdirSync(users) : [];
  const files = [...names.map((name) => join(users, name)), join(base, `${hash}.lock`)];
  return files.some((file) => isAlive(readLock(file)));
}
