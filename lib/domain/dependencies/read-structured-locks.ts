import { exactVersion } from "./read-requirements.ts";
import { type DependencyLock, hashOfIntegrity, hexHash, type LockedPackage, lockOf, packageOf, pythonHash, pythonName, RefusedLock } from "./lock.ts";

/** Files that are TOML, YAML or JSON, after parsing. Each reader takes what it knows and passes over the rest. */

export type Plain = { readonly [key: string]: unknown };
export const isPlain = (value: unknown): value is Plain => typeof value === "object" && value !== null && !Array.isArray(value) && !(value instanceof Date);

const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? (value as readonly unknown[]) : []);
const plainList = (value: unknown): Plain[] => listOf(value).filter(isPlain);
const textOf = (value: unknown): string | null => (typeof value === "string" && value !== "" ? value : null);
const present = <T>(all: readonly (T | null)[]): T[] => all.filter((one) => one !== null);

function named(one: Plain, kind: string): string {
  const name = textOf(one["name"]);
  if (name === null) throw new RefusedLock(`An entry of this ${kind} has no name.`, "Send the file as its tool wrote it.");
  return name;
}

const pythonFiles = (files: unknown): string[] => present(plainList(files).map((file) => pythonHash(textOf(file["hash"]) ?? "")));

/** Poetry 1.5 and later keep hashes with each package, earlier ones in `metadata.files`. */
export function readPoetryLock(document: Plain): DependencyLock {
  const metadata = isPlain(document["metadata"]) ? document["metadata"] : {};
  const older = isPlain(metadata["files"]) ? metadata["files"] : {};
  const packages = plainList(document["package"]).map((one) => {
    const name = named(one, "Poetry lock");
    const hashes = [...pythonFiles(one["files"]), ...pythonFiles(older[name])];
    const source = isPlain(one["source"]) ? one["source"] : {};
    const commit = textOf(source["resolved_reference"]) ?? "";
    return packageOf({
      ecosystem: "pypi",
      name: pythonName(name),
      version: textOf(one["version"]),
      hashes: hashes.length === 0 && /^[0-9a-f]{40}$/.test(commit) ? [`sha1:${commit}`] : hashes,
      dependsOn: isPlain(one["dependencies"]) ? Object.keys(one["dependencies"]).map(pythonName) : [],
    });
  });
  return lockOf("poetry", packages);
}

const sourceHash = (source: Plain, key: string): string[] => {
  const [, commit] = /[#@]([0-9a-f]{40})$/.exec(textOf(source[key]) ?? "") ?? [];
  return commit === undefined ? [] : [`sha1:${commit}`];
};

/** uv writes the project itself as a package too, with a source that is a folder: that is what is locked, not a dependency. */
export function readUvLock(document: Plain): DependencyLock {
  const elsewhere: string[] = [];
  const packages: LockedPackage[] = [];
  for (const one of plainList(document["package"])) {
    const name = named(one, "uv lock");
    const source = isPlain(one["source"]) ? one["source"] : {};
    if ("virtual" in source || source["editable"] === ".") continue;
    const folder = textOf(source["editable"]) ?? textOf(source["directory"]);
    if (folder !== null) {
      elsewhere.push(`${name} from the folder ${folder}`);
      continue;
    }
    const sdist = isPlain(one["sdist"]) ? [one["sdist"]] : [];
    packages.push(
      packageOf({
        ecosystem: "pypi",
        name: pythonName(name),
        version: textOf(one["version"]),
        hashes: [...pythonFiles([...sdist, ...plainList(one["wheels"])]), ...sourceHash(source, "git")],
        dependsOn: plainList(one["dependencies"]).map((needed) => pythonName(textOf(needed["name"]) ?? "")).filter((needed) => needed !== ""),
      }),
    );
  }
  return lockOf("uv", packages, elsewhere);
}

/** pylock.toml (PEP 751): hashes are a table by algorithm. */
export function readPylock(document: Plain): DependencyLock {
  const hashesIn = (file: unknown): string[] =>
    isPlain(file) && isPlain(file["hashes"]) ? present(Object.entries(file["hashes"]).map(([algorithm, hex]) => hexHash(algorithm, textOf(hex) ?? ""))) : [];
  const packages = plainList(document["packages"]).map((one) => {
    const vcs = isPlain(one["vcs"]) ? (textOf(one["vcs"]["commit-id"]) ?? "") : "";
    return packageOf({
      ecosystem: "pypi",
      name: pythonName(named(one, "Python lock")),
      version: textOf(one["version"]) ?? (/^[0-9a-f]{40}$/.test(vcs) ? vcs : null),
      hashes: [...[one["sdist"], one["archive"], ...listOf(one["wheels"])].flatMap(hashesIn), ...(/^[0-9a-f]{40}$/.test(vcs) ? [`sha1:${vcs}`] : [])],
      dependsOn: plainList(one["dependencies"]).map((needed) => pythonName(textOf(needed["name"]) ?? "")).filter((needed) => needed !== ""),
    });
  });
  return lockOf("pylock", packages);
}

/** Pipfile.lock: `default` is what the model needs, `develop` what its makers need. */
export function readPipfileLock(document: Plain): DependencyLock {
  const packages: LockedPackage[] = [];
  const elsewhere: string[] = [];
  for (const [name, entry] of Object.entries(isPlain(document["default"]) ? document["default"] : {})) {
    if (!isPlain(entry)) continue;
    if (textOf(entry["path"]) !== null || textOf(entry["file"]) !== null) {
      elsewhere.push(`${name} from ${textOf(entry["path"]) ?? textOf(entry["file"]) ?? ""}`);
      continue;
    }
    const asked = textOf(entry["version"]) ?? "";
    const commit = textOf(entry["ref"]) ?? "";
    const version = exactVersion(asked) ?? (/^[0-9a-f]{40}$/.test(commit) ? commit : null);
    packages.push(
      packageOf({
        ecosystem: "pypi",
        name: pythonName(name),
        version,
        asked: version === null ? asked || "any version" : null,
        hashes: [...present(listOf(entry["hashes"]).map((hash) => pythonHash(textOf(hash) ?? ""))), ...(/^[0-9a-f]{40}$/.test(commit) ? [`sha1:${commit}`] : [])],
      }),
    );
  }
  return lockOf("pipenv", packages, elsewhere);
}

/** package-lock.json of npm 7 and later (lockfileVersion 2 and 3). Development and optional peers are left out. */
export function readPackageLock(document: Plain): DependencyLock {
  if (!isPlain(document["packages"])) {
    throw new RefusedLock("This package-lock.json is of npm 6 or older (lockfileVersion 1).", "Write it anew with npm 7 or later: npm install --package-lock-only.");
  }
  const packages: LockedPackage[] = [];
  const elsewhere: string[] = [];
  for (const [path, entry] of Object.entries(document["packages"])) {
    if (path === "" || !isPlain(entry) || entry["dev"] === true) continue;
    const name = textOf(entry["name"]) ?? path.slice(path.lastIndexOf("node_modules/") + "node_modules/".length);
    if (entry["link"] === true || !path.includes("node_modules/")) {
      if (entry["link"] === true) elsewhere.push(`${name} from the folder ${textOf(entry["resolved"]) ?? "?"}`);
      continue;
    }
    const integrity = (textOf(entry["integrity"]) ?? "").split(/\s+/).filter((one) => one !== "");
    const licence = textOf(entry["license"]);
    packages.push(
      packageOf({
        ecosystem: "npm",
        name,
        version: textOf(entry["version"]),
        hashes: present(integrity.map(hashOfIntegrity)),
        ...(licence === null ? {} : { licence }),
        dependsOn: isPlain(entry["dependencies"]) ? Object.keys(entry["dependencies"]) : [],
      }),
    );
  }
  return lockOf("npm", packages, elsewhere);
}

/** `name=1.2=build`, with a channel before it and, in explicit lists, a hash behind `#`. */
function condaPackage(text: string): LockedPackage {
  const [spec = "", ...build] = text.replace(/^[^\s:]+::/, "").trim().split(/\s*={1,2}\s*/);
  const [name = "", ...rest] = spec.trim().split(/\s+|(?=[<>!~])/);
  const version = build[0] ?? null;
  const isExact = version !== null && rest.length === 0 && !/[*<>,|]/.test(version);
  return packageOf({
    ecosystem: "conda",
    name: name.toLowerCase(),
    version: isExact ? version : null,
    asked: isExact ? null : text.replace(name, "").trim() || "any version",
    hashes: [],
  });
}

/** environment.yml or conda.yaml. It has no hashes by design; what pip installs inside it is read as requirements. */
export function readCondaEnvironment(document: Plain, readPip: (text: string) => DependencyLock): DependencyLock {
  const packages: LockedPackage[] = [];
  const elsewhere: string[] = [];
  for (const entry of listOf(document["dependencies"])) {
    if (typeof entry === "string") packages.push(condaPackage(entry));
    else if (isPlain(entry) && Array.isArray(entry["pip"])) {
      const lines = listOf(entry["pip"]).filter((line): line is string => typeof line === "string");
      if (lines.length === 0) continue;
      const pip = readPip(lines.join("\n"));
      packages.push(...pip.packages);
      elsewhere.push(...pip.elsewhere);
    }
  }
  return lockOf("conda", packages, elsewhere);
}

/** conda-lock's file: one entry for each package and platform, hashed. */
export function readCondaLock(document: Plain): DependencyLock {
  const seen = new Map<string, LockedPackage>();
  for (const one of plainList(document["package"])) {
    const name = named(one, "conda lock");
    const isPip = one["manager"] === "pip";
    const hash = isPlain(one["hash"]) ? one["hash"] : {};
    const hashes = present([hexHash("sha256", textOf(hash["sha256"]) ?? ""), hexHash("md5", textOf(hash["md5"]) ?? "")]);
    const found = packageOf({ ecosystem: isPip ? "pypi" : "conda", name: isPip ? pythonName(name) : name, version: textOf(one["version"]), hashes, dependsOn: isPlain(one["dependencies"]) ? Object.keys(one["dependencies"]) : [] });
    const key = `${found.ecosystem}:${found.name}@${found.version ?? ""}`;
    const earlier = seen.get(key);
    seen.set(key, earlier === undefined ? found : { ...earlier, hashes: [...new Set([...earlier.hashes, ...found.hashes])] });
  }
  return lockOf("conda", [...seen.values()]);
}
