import { createHash } from "node:crypto";
import { z } from "zod";

const entry = z.looseObject({
  version: z.string().optional(),
  integrity: z.string().optional(),
  license: z.string().optional(),
  dev: z.boolean().optional(),
  optional: z.boolean().optional(),
  link: z.boolean().optional(),
  dependencies: z.record(z.string(), z.string()).optional(),
  optionalDependencies: z.record(z.string(), z.string()).optional(),
});
const lockFile = z.looseObject({ name: z.string(), version: z.string(), packages: z.record(z.string(), entry) });
type Entry = z.output<typeof entry>;

const nameOf = (path: string): string => path.slice(path.lastIndexOf("node_modules/") + "node_modules/".length);
const purlOf = (name: string, version: string): string => `pkg:npm/${name.replace("@", "%40")}@${version}`;
const SPDX_ID = /^[A-Za-z0-9.+-]+$/;

/** `sha512-<base64>` as CycloneDX writes it. */
function hashesOf(integrity: string | undefined) {
  const [, algorithm = "", text = ""] = /^(sha\d+)-([A-Za-z0-9+/=]+)/.exec(integrity ?? "") ?? [];
  return algorithm === "" ? [] : [{ alg: algorithm.toUpperCase().replace("SHA", "SHA-"), content: Buffer.from(text, "base64").toString("hex") }];
}

const licencesOf = (licence: string | undefined) =>
  licence === undefined ? [] : [SPDX_ID.test(licence) ? { license: { id: licence } } : { expression: licence }];

/** Where npm finds a dependency of the package at `path`: the nearest folder up from it. */
function resolved(packages: Readonly<Record<string, Entry>>, path: string, name: string): string | null {
  for (let at = path; ; at = at.includes("/node_modules/") ? at.slice(0, at.lastIndexOf("/node_modules/")) : "") {
    const candidate = at === "" ? `node_modules/${name}` : `${at}/node_modules/${name}`;
    if (candidate in packages) return candidate;
    if (at === "") return null;
  }
}

/** A CycloneDX 1.6 document of a package-lock.json (version 3). The same lock file gives the same document. Throws when it is none. */
export function bomOfLockFile(raw: unknown, { withDevelopment }: { readonly withDevelopment: boolean }) {
  const { name, version, packages } = lockFile.parse(raw);
  const kept = Object.entries(packages).filter(([path, one]) => path !== "" && one.version !== undefined && one.link !== true && (withDevelopment || one.dev !== true));
  const refs = new Map(kept.map(([path, one]) => [path, purlOf(nameOf(path), one.version ?? "")]));
  const components = new Map(
    kept.map(([path, one]) => {
      const full = nameOf(path);
      const [group, short = ""] = full.startsWith("@") ? full.split("/") : [undefined, full];
      const ref = refs.get(path) ?? "";
      return [ref, {
        type: "library", "bom-ref": ref, ...(group === undefined ? {} : { group }), name: short, version: one.version, purl: ref,
        scope: one.optional === true ? "optional" : "required",
        ...(one.dev === true ? { properties: [{ name: "cdx:npm:package:development", value: "true" }] } : {}),
        hashes: hashesOf(one.integrity), licenses: licencesOf(one.license),
      }];
    }),
  );
  const rootRef = purlOf(name, version);
  const dependsOn = (path: string, one: Entry): string[] =>
    [...new Set(Object.keys({ ...one.dependencies, ...one.optionalDependencies }).flatMap((wanted) => refs.get(resolved(packages, path, wanted) ?? "") ?? []))].sort();
  const edges = new Map<string, Set<string>>([[rootRef, new Set(dependsOn("", packages[""] ?? {}))]]);
  for (const [path, one] of kept) {
    const ref = refs.get(path) ?? "";
    edges.set(ref, new Set([...(edges.get(ref) ?? []), ...dependsOn(path, one)]));
  }
  const digest = createHash("sha256").update(JSON.stringify([...components.keys()])).digest("hex");
  return {
    $schema: "http://cyclonedx.org/schema/bom-1.6.schema.json",
    bomFormat: "CycloneDX",
    specVersion: "1.6",
    serialNumber: `urn:uuid:${digest.slice(0, 8)}-${digest.slice(8, 12)}-5${digest.slice(13, 16)}-8${digest.slice(17, 20)}-${digest.slice(20, 32)}`,
    version: 1,
    metadata: { component: { type: "application", "bom-ref": rootRef, name, version, purl: rootRef } },
    components: [...components.values()].sort((a, b) => (a.purl < b.purl ? -1 : 1)),
    dependencies: [...edges].map(([ref, to]) => ({ ref, dependsOn: [...to].sort() })).sort((a, b) => (a.ref < b.ref ? -1 : 1)),
  };
}
