import { parse as parseToml } from "smol-toml";
import { parse as parseYaml } from "yaml";
import { AppError } from "#lib/domain/errors.ts";
import { type DependencyLock, RefusedLock } from "#lib/domain/dependencies/lock.ts";
import { readRequirements } from "#lib/domain/dependencies/read-requirements.ts";
import {
  isPlain, type Plain, readCondaEnvironment, readCondaLock, readPackageLock, readPipfileLock, readPoetryLock, readPylock, readUvLock,
} from "#lib/domain/dependencies/read-structured-locks.ts";

/** YAML is slow to read; environments written by hand are small, and conda-lock's files are the longest of them. */
const MAX_YAML_CHARS = 1_048_576;
/** An address with a user's name and password, or a token, before its host. */
const CREDENTIALS = /\b[a-z][a-z0-9+.-]*:\/\/[^\s/@:"']+(?::[^\s/@"']*)?@/i;
/** What repositories are read with when there is no secret: `git+ssh://git@host`. */
const HARMLESS_USER = /\b(?:git\+)?ssh:\/\/git@/gi;

const otherwise = (): RefusedLock =>
  new RefusedLock("This is none of the files of dependencies that are known here.", "Send requirements.txt, conda.yaml, poetry.lock, uv.lock, pylock.toml, Pipfile.lock or package-lock.json.");

function readJson(document: unknown): DependencyLock {
  if (!isPlain(document)) throw otherwise();
  if ("lockfileVersion" in document) return readPackageLock(document);
  if (isPlain(document["_meta"]) && isPlain(document["default"])) return readPipfileLock(document);
  throw otherwise();
}

function readToml(document: Plain): DependencyLock {
  if ("lock-version" in document && Array.isArray(document["packages"])) return readPylock(document);
  if (!Array.isArray(document["package"])) throw otherwise();
  const metadata = isPlain(document["metadata"]) ? document["metadata"] : {};
  if ("lock-version" in metadata || "content-hash" in metadata) return readPoetryLock(document);
  if (typeof document["version"] === "number") return readUvLock(document);
  throw otherwise();
}

function readYaml(document: unknown): DependencyLock {
  if (!isPlain(document)) throw otherwise();
  if (Array.isArray(document["package"])) return readCondaLock(document);
  if (Array.isArray(document["dependencies"])) return readCondaEnvironment(document, readRequirements);
  throw otherwise();
}

const looksLikeToml = (text: string): boolean => /^\s*\[{1,2}[\w.-]+\]{1,2}\s*$/m.test(text) && /^\s*[\w-]+\s*=\s/m.test(text);
const looksLikeYaml = (text: string): boolean => /^(?:dependencies|package)\s*:/m.test(text);

function parsed(text: string): DependencyLock {
  if (/^\s*\{/.test(text)) return readJson(JSON.parse(text) as unknown);
  if (looksLikeToml(text)) return readToml(parseToml(text));
  if (looksLikeYaml(text)) {
    if (text.length > MAX_YAML_CHARS) throw new RefusedLock("This YAML file is longer than 1 MiB.", "Lock one platform only.");
    // Aliases are not expanded: a small text could stand for a huge one.
    return readYaml(parseYaml(text, { maxAliasCount: 0, schema: "failsafe" }) as unknown);
  }
  return readRequirements(text);
}

/**
 * What a file of dependencies says; its content decides what it is, not its name. Nothing it names is fetched.
 * Throws `invalid_input` at `pointer` for a file that cannot be read, that names nothing, or that holds credentials: it would be kept and shown.
 */
export function readLockFile(fileName: string, text: string, pointer: string): DependencyLock {
  const refuse = (message: string, hint: string, cause?: unknown): AppError =>
    new AppError("invalid_input", `${fileName}: ${message}`, { errors: [{ pointer, message }], hint, cause });
  if (text.includes("\0") || text.includes("\uFFFD")) throw refuse("This is not text in UTF-8.", "Send the file as its tool wrote it.");
  if (CREDENTIALS.test(text.replaceAll(HARMLESS_USER, ""))) {
    throw refuse("An address in it carries a user name or a token.", "Take it out: the file is kept with the version and shown. Then give the secret a new value where it is used.");
  }
  try {
    return parsed(text);
  } catch (error) {
    if (error instanceof RefusedLock) throw refuse(error.message, error.hint, error);
    throw refuse("It cannot be parsed: it is cut off or not well formed.", "Send the file as its tool wrote it.", error);
  }
}
