/**
 * Adds to package-lock.json the platform builds that the registry of the machine that wrote it did not have.
 * `npm ci` refuses a lock without them wherever the registry has them. Run after `npm install`: `node scripts/complete-lock-file.ts`.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";

const lockSchema = z.looseObject({
  packages: z.record(
    z.string(),
    z.looseObject({
      version: z.string().optional(),
      resolved: z.string().optional(),
      optionalDependencies: z.record(z.string(), z.string()).optional(),
    }),
  ),
});
export type Lock = z.infer<typeof lockSchema>;
type Entry = Lock["packages"][string];

const SYSTEMS = ["darwin", "win32", "linux", "freebsd", "android", "openharmony"];
const PROCESSORS = ["arm64", "x64", "ia32", "ppc64", "riscv64", "s390x", "arm"];

export function readLockFile(file: string): Lock {
  const lock: unknown = JSON.parse(readFileSync(file, "utf8"));
  lockSchema.parse(lock);
  // The document as it was read: parsing would put the keys that it knows first, and npm would put them back.
  return lock as Lock;
}

/** Optional dependencies that some package names and the lock does not have: name to exact version. */
export function missingOptional(lock: Lock): Map<string, string> {
  const names = Object.keys(lock.packages);
  const missing = new Map<string, string>();
  for (const entry of Object.values(lock.packages)) {
    for (const [name, version] of Object.entries(entry.optionalDependencies ?? {})) {
      if (!names.some((path) => path.endsWith(`node_modules/${name}`))) missing.set(name, version);
    }
  }
  return missing;
}

/** The lock entry of a platform build, whose platform is read from its name: `@next/swc-darwin-arm64`. */
export function platformEntry(name: string, version: string): Entry {
  const words = name.slice(name.lastIndexOf("/") + 1).split("-");
  const os = SYSTEMS.find((system) => words.includes(system));
  const cpu = PROCESSORS.find((processor) => words.includes(processor));
  if (os === undefined || cpu === undefined) {
    throw new Error(
      `${name} is missing from the lock file and its name does not say for which platform it is.`,
    );
  }
  return { version, cpu: [cpu], optional: true, os: [os] };
}

function main(): void {
  const file = join(import.meta.dirname, "..", "package-lock.json");
  const lock = readLockFile(file);
  const missing = missingOptional(lock);
  for (const [name, version] of missing) {
    lock.packages[`node_modules/${name}`] = platformEntry(name, version);
    console.log(`added ${name} ${version}`);
  }
  const sorted = Object.entries(lock.packages).sort(([one], [two]) => one.localeCompare(two, "en"));
  if (missing.size > 0)
    writeFileSync(
      file,
      `${JSON.stringify({ ...lock, packages: Object.fromEntries(sorted) }, null, 2)}\n`,
    );
}

if (import.meta.main) main();
