import { isLocked, type DependencyLock, type LockedPackage } from "#lib/domain/dependencies/lock.ts";
import { packageUrl } from "#lib/domain/dependencies/lock-findings.ts";

/** The packages of a version's files of dependencies as CycloneDX components and edges. */

const ALGORITHMS: Readonly<Record<string, string>> = { md5: "MD5", sha1: "SHA-1", sha256: "SHA-256", sha384: "SHA-384", sha512: "SHA-512" };

/** Hashes of files; a commit's is none of a file. */
function hashesOf({ ecosystem, hashes }: LockedPackage): { alg: string; content: string }[] {
  return hashes.flatMap((hash) => {
    const [name = "", content = ""] = hash.split(":");
    const alg = ALGORITHMS[name];
    return alg === undefined || (ecosystem === "pypi" && name === "sha1") ? [] : [{ alg, content }];
  });
}

function componentOf(one: LockedPackage): Record<string, unknown> {
  const hashes = hashesOf(one);
  const purl = packageUrl(one);
  return {
    type: "library",
    "bom-ref": purl,
    name: one.name,
    ...(one.version === null ? {} : { version: one.version }),
    purl,
    ...(hashes.length === 0 ? {} : { hashes }),
    ...(one.licence === null ? {} : { licenses: [{ license: { name: one.licence } }] }),
    properties: [{ name: "slipway:locked", value: isLocked(one) ? "yes" : "no" }, ...(one.asked === null ? [] : [{ name: "slipway:asked", value: one.asked }])],
  };
}

/** Names inside one file lead to a package only where one version of it is there: which of two npm would take depends on folders. */
function edgesOf({ packages }: DependencyLock): Map<string, string[]> {
  const byName = Map.groupBy(packages, ({ name }) => name);
  const edges = new Map<string, string[]>();
  for (const one of packages) {
    const needed = one.dependsOn.flatMap((name) => {
      const found = byName.get(name) ?? [];
      return found.length === 1 && found[0] !== undefined ? [packageUrl(found[0])] : [];
    });
    edges.set(packageUrl(one), [...new Set([...(edges.get(packageUrl(one)) ?? []), ...needed])].sort());
  }
  return edges;
}

export type BomPackages = {
  readonly components: readonly Record<string, unknown>[];
  readonly dependencies: readonly { readonly ref: string; readonly dependsOn: readonly string[] }[];
};

/** What `root` needs: each package once; it depends on those that no other package of the files depends on. */
export function bomPackages(root: string, locks: readonly DependencyLock[]): BomPackages {
  if (locks.length === 0) return { components: [], dependencies: [] };
  const components = new Map(locks.flatMap(({ packages }) => packages).map((one) => [packageUrl(one), componentOf(one)]));
  const edges = new Map<string, string[]>();
  for (const lock of locks) for (const [ref, needed] of edgesOf(lock)) edges.set(ref, [...new Set([...(edges.get(ref) ?? []), ...needed])].sort());
  const inner = new Set([...edges.values()].flat());
  const refs = [...components.keys()].sort();
  // Packages that only need each other would hang in the air; then the version is said to need all of them.
  const first = refs.filter((ref) => !inner.has(ref));
  return {
    components: refs.map((ref) => components.get(ref)).filter((one) => one !== undefined),
    dependencies: [{ ref: root, dependsOn: first.length === 0 ? refs : first }, ...refs.map((ref) => ({ ref, dependsOn: edges.get(ref) ?? [] }))],
  };
}
