import { type DependencyLock, type LockedPackage, lockOf, packageOf, pythonHash, pythonName } from "./lock.ts";

const NAME = /^([A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?)\s*(?:\[[^\]]*\])?\s*/;
/** Options that change where packages come from or how, not which. */
const HARMLESS = /^--?(?:i|index-url|extra-index-url|f|find-links|no-index|no-binary|only-binary|prefer-binary|require-hashes|pre|trusted-host|use-feature)\b/;

/** Lines with a backslash at their end joined, without comments. */
function logicalLines(text: string): string[] {
  const joined = text.replaceAll("\r\n", "\n").replaceAll(/\\\n/g, " ");
  return joined.split("\n").map((line) => line.replace(/(^|\s)#.*$/, "").trim()).filter((line) => line !== "");
}

/** `==1.2.3` or `===x` alone leaves no choice; a star or a second clause does. */
export function exactVersion(clauses: string): string | null {
  const [, version] = /^={2,3}\s*([^\s,;*]+)$/.exec(clauses.trim()) ?? [];
  return version ?? null;
}

/** A hash in the fragment of an address, or the full commit that a repository is pinned to. */
function hashOfAddress(address: string): string[] {
  const [, fragment] = /[#&]((?:sha\d+|md5)=[0-9a-fA-F]+)/.exec(address) ?? [];
  const hash = fragment === undefined ? null : pythonHash(fragment);
  if (hash !== null) return [hash];
  const [, commit] = /^git\+[^#]+@([0-9a-f]{40})(?:#|$)/.exec(address) ?? [];
  return commit === undefined ? [] : [`sha1:${commit}`];
}

function requirementOf(line: string): LockedPackage | string {
  const [requirement = "", ...options] = line.split(/\s--hash[=\s]\s*/);
  const hashes = options.map((one) => pythonHash(one.split(/\s/)[0] ?? "")).filter((hash) => hash !== null);
  const [matched, name] = NAME.exec(requirement) ?? [];
  if (matched === undefined || name === undefined) return line;
  const rest = (requirement.slice(matched.length).split(/(?:^|\s);/)[0] ?? "").trim();
  if (rest.startsWith("@")) {
    const address = rest.slice(1).trim();
    const found = hashOfAddress(address);
    return found.length === 0 && hashes.length === 0 ? line : packageOf({ ecosystem: "pypi", name: pythonName(name), version: versionOfFile(address) ?? commitOf(found), hashes: [...hashes, ...found] });
  }
  if (/[/\\]/.test(requirement) || /^[^\s]+\.(?:whl|zip|tar\.gz)$/.test(requirement.trim())) return line;
  const clauses = (rest.split(";")[0] ?? "").replaceAll(/[()]/g, "").trim();
  if (clauses !== "" && !/^(?:===|[=!~<>]=|[<>])/.test(clauses)) return line;
  const version = exactVersion(clauses);
  return packageOf({ ecosystem: "pypi", name: pythonName(name), version, asked: version === null ? clauses || "any version" : null, hashes });
}

/** A commit is as exact as a version. */
const commitOf = (hashes: readonly string[]): string | null => hashes.find((hash) => hash.startsWith("sha1:"))?.slice("sha1:".length) ?? null;

/** `name-1.2.3-py3-none-any.whl` and `name-1.2.3.tar.gz` say their version. */
function versionOfFile(address: string): string | null {
  const file = /([^/#?]+)(?:[#?]|$)/.exec(address.split("/").at(-1) ?? "")?.[1] ?? "";
  return /^[^-]+-([0-9][^-]*)-.*\.whl$/.exec(file)?.[1] ?? /^.+-([0-9][^-]*)\.(?:tar\.gz|zip)$/.exec(file)?.[1] ?? null;
}

/** pip's requirements: one requirement a line, hashes as options. Nothing it refers to is followed. */
export function readRequirements(text: string): DependencyLock {
  const packages: LockedPackage[] = [];
  const elsewhere: string[] = [];
  for (const line of logicalLines(text)) {
    if (HARMLESS.test(line)) continue;
    const found = line.startsWith("-") ? line : requirementOf(line);
    if (typeof found === "string") elsewhere.push(found);
    else packages.push(found);
  }
  return lockOf("requirements", packages, elsewhere);
}
