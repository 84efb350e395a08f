/** What a file of dependencies says, whichever tool wrote it. Pure: texts are parsed to plain values by whoever calls. */

export const LOCK_KINDS = ["requirements", "conda", "poetry", "uv", "pylock", "pipenv", "npm"] as const;
export type LockKind = (typeof LOCK_KINDS)[number];

export const LOCK_NAMES: Readonly<Record<LockKind, string>> = {
  requirements: "pip requirements",
  conda: "conda environment",
  poetry: "Poetry lock",
  uv: "uv lock",
  pylock: "Python lock (PEP 751)",
  pipenv: "Pipenv lock",
  npm: "npm lock",
};

export const ECOSYSTEMS = ["pypi", "conda", "npm"] as const;
export type Ecosystem = (typeof ECOSYSTEMS)[number];

export type LockedPackage = {
  readonly ecosystem: Ecosystem;
  readonly name: string;
  /** The one version that will be installed; null where the file leaves a choice. */
  readonly version: string | null;
  /** As the file asks for it, where that leaves a choice, such as `>=1.2`. */
  readonly asked: string | null;
  /** `sha256:<hex>` and the like; empty where the file has none. */
  readonly hashes: readonly string[];
  /** As the file states it; none of the formats but npm's does. */
  readonly licence: string | null;
  /** Names of packages in the same file that it needs, where the file says. */
  readonly dependsOn: readonly string[];
};

export type DependencyLock = {
  readonly kind: LockKind;
  readonly packages: readonly LockedPackage[];
  /** Lines and entries that name something this file does not hold: another file, a folder, an address without a hash. */
  readonly elsewhere: readonly string[];
};

/** A file that cannot be taken, with what to do. */
export class RefusedLock extends Error {
  readonly hint: string;
  constructor(message: string, hint: string) {
    super(message);
    this.name = "RefusedLock";
    this.hint = hint;
  }
}

export const MAX_PACKAGES = 10_000;
const MAX_NAME = 214;
const MAX_VERSION = 256;
const MAX_HASHES = 512;

/** Exact and hashed: what is installed is decided by this file alone. */
export const isLocked = ({ version, hashes }: Pick<LockedPackage, "version" | "hashes">): boolean => version !== null && hashes.length > 0;

/** How many entries leave something open: no exact version, no hash, or a place elsewhere. */
export const openEntries = ({ packages, elsewhere }: DependencyLock): number => packages.filter((one) => !isLocked(one)).length + elsewhere.length;

/** Python names compare without case, and with runs of `-`, `_` and `.` as one hyphen (PEP 503). */
export const pythonName = (name: string): string => name.toLowerCase().replaceAll(/[-_.]+/g, "-");

/** Keeps a reader's findings inside the bounds that a database row and a screen can hold. */
export function packageOf(found: Omit<LockedPackage, "licence" | "dependsOn" | "asked"> & Partial<LockedPackage>): LockedPackage {
  const { name, version } = found;
  if (name === "" || name.length > MAX_NAME || !/^[\w@./+-]+$/.test(name)) {
    throw new RefusedLock(`A package is called ${JSON.stringify(name.slice(0, 60))}, which is no package name.`, "Send the file as its tool wrote it.");
  }
  if (version !== null && (version.length > MAX_VERSION || !/^[\w.!+*~:/@-]+$/.test(version))) {
    throw new RefusedLock(`${name} has the version ${JSON.stringify(version.slice(0, 60))}, which is none.`, "Send the file as its tool wrote it.");
  }
  if (found.hashes.length > MAX_HASHES) throw new RefusedLock(`${name} has more than ${MAX_HASHES} hashes.`, "Lock it for the platforms it runs on.");
  return {
    ecosystem: found.ecosystem,
    name,
    version,
    asked: found.asked?.slice(0, MAX_VERSION) ?? null,
    hashes: [...new Set(found.hashes)],
    licence: found.licence?.slice(0, MAX_VERSION) ?? null,
    dependsOn: [...new Set(found.dependsOn ?? [])],
  };
}

/** One lock of what was found; refuses one that names nothing or more than can be kept. */
export function lockOf(kind: LockKind, packages: readonly LockedPackage[], elsewhere: readonly string[] = []): DependencyLock {
  if (packages.length === 0 && elsewhere.length === 0) {
    throw new RefusedLock(`This ${LOCK_NAMES[kind]} file names no package.`, "Leave it out when the version needs none.");
  }
  if (packages.length + elsewhere.length > MAX_PACKAGES) {
    throw new RefusedLock(`This file names more than ${MAX_PACKAGES} packages.`, "Lock what the model needs to answer, without what it took to train it.");
  }
  return { kind, packages, elsewhere: elsewhere.map((one) => one.slice(0, 300)) };
}

/** `sha512-<base64>` as npm writes it; null for one that is none. */
export function hashOfIntegrity(integrity: string): string | null {
  const [, algorithm, base64] = /^(sha(?:1|256|384|512))-([A-Za-z0-9+/]+={0,2})$/.exec(integrity.trim()) ?? [];
  if (algorithm === undefined || base64 === undefined) return null;
  const hex = Array.from(atob(base64), (character) => character.charCodeAt(0).toString(16).padStart(2, "0")).join("");
  return hexHash(algorithm, hex);
}

const HEX_LENGTHS: Readonly<Record<string, number>> = { md5: 32, sha1: 40, sha224: 56, sha256: 64, sha384: 96, sha512: 128 };

/** `sha256:<hex>` from its parts; null when the digits are not as many as the algorithm gives. */
export function hexHash(algorithm: string, hex: string): string | null {
  const name = algorithm.toLowerCase();
  const digits = hex.toLowerCase();
  return HEX_LENGTHS[name] === digits.length && /^[0-9a-f]+$/.test(digits) ? `${name}:${digits}` : null;
}

/** `sha256:<hex>` as Python's tools write it. */
export function pythonHash(text: string): string | null {
  const [, algorithm, hex] = /^(\w+)[:=]([0-9a-fA-F]+)$/.exec(text.trim()) ?? [];
  return algorithm === undefined || hex === undefined ? null : hexHash(algorithm, hex);
}
