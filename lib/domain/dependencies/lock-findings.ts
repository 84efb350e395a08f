import { type DependencyLock, type LockedPackage, LOCK_NAMES } from "./lock.ts";

export type LockFinding = { readonly code: "not_exact" | "without_hash" | "elsewhere"; readonly title: string; readonly message: string; readonly hint: string };

const NAMED = 8;
const listed = (names: readonly string[]): string => `${names.slice(0, NAMED).join(", ")}${names.length > NAMED ? ` and ${String(names.length - NAMED)} more` : ""}`;
const many = (count: number, one: string, more: string): string => (count === 1 ? `1 ${one}` : `${String(count)} ${more}`);

const HOW_TO_LOCK: Readonly<Record<DependencyLock["kind"], string>> = {
  requirements: "Write it with pip-compile --generate-hashes, or uv export --format requirements-txt.",
  conda: "A conda environment carries no hashes: send what conda-lock writes, or a pip lock beside it.",
  poetry: "Write it anew with poetry lock.",
  uv: "Write it anew with uv lock.",
  pylock: "Write it anew with pip lock or uv export --format pylock.toml.",
  pipenv: "Write it anew with pipenv lock.",
  npm: "Write it anew with npm install --package-lock-only.",
};

const askedFor = ({ name, asked }: LockedPackage): string => (asked === null ? name : `${name} (${asked})`);

/** What keeps a file from deciding by itself what is installed, in words. Empty: everything is exact and hashed. */
export function lockFindings(lock: DependencyLock): LockFinding[] {
  const hint = HOW_TO_LOCK[lock.kind];
  const loose = lock.packages.filter(({ version }) => version === null);
  const bare = lock.packages.filter(({ version, hashes }) => version !== null && hashes.length === 0);
  const findings: LockFinding[] = [];
  if (loose.length > 0) {
    findings.push({ code: "not_exact", title: "Versions left open", message: `${many(loose.length, "package has", "packages have")} no exact version: ${listed(loose.map(askedFor))}. Tomorrow's installation may be another one.`, hint });
  }
  if (bare.length > 0) {
    findings.push({ code: "without_hash", title: "No hash", message: `${many(bare.length, "package has", "packages have")} no hash: ${listed(bare.map(({ name }) => name))}. Whoever controls the index can exchange ${bare.length === 1 ? "it" : "them"}.`, hint });
  }
  if (lock.elsewhere.length > 0) {
    findings.push({ code: "elsewhere", title: "Refers elsewhere", message: `${many(lock.elsewhere.length, "entry names", "entries name")} something this ${LOCK_NAMES[lock.kind]} does not hold: ${listed(lock.elsewhere)}. Nothing was fetched.`, hint: "Send one file that names every package by itself." });
  }
  return findings;
}

/** Licences as the files state them with how many packages carry each, most first; the last line counts those that state none. */
export function licencesOf(packages: readonly LockedPackage[]): { readonly licence: string | null; readonly packages: number }[] {
  const counted = Map.groupBy(packages, ({ licence }) => licence);
  return [...counted]
    .map(([licence, all]) => ({ licence, packages: all.length }))
    .sort((a, b) => Number(a.licence === null) - Number(b.licence === null) || b.packages - a.packages || (a.licence ?? "").localeCompare(b.licence ?? ""));
}

/** Package URL (purl): the name by which scanners know a package. */
export function packageUrl({ ecosystem, name, version }: Pick<LockedPackage, "ecosystem" | "name" | "version">): string {
  const path = name.split("/").map((part) => encodeURIComponent(part)).join("/");
  return `pkg:${ecosystem}/${path}${version === null ? "" : `@${encodeURIComponent(version)}`}`;
}
