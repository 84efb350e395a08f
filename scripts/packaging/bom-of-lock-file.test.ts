import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { cycloneDxProblems } from "#lib/server/cards/formats/cyclonedx-schema.fixture.ts";
import { bomOfLockFile } from "./bom-of-lock-file.ts";

const lock: unknown = JSON.parse(readFileSync("package-lock.json", "utf8"));
const manifest = JSON.parse(readFileSync("package.json", "utf8")) as { dependencies: Record<string, string>; devDependencies: Record<string, string> };

test("the bill of materials names every package of the lock file once, with version and hash, and each edge leads to one", () => {
  const bom = bomOfLockFile(lock, { withDevelopment: false });
  const refs = bom.components.map((one) => one["bom-ref"]);
  expect(new Set(refs).size).toBe(refs.length);
  for (const [name, version] of Object.entries(manifest.dependencies)) expect(refs).toContain(`pkg:npm/${name.replace("@", "%40")}@${version}`);
  for (const name of Object.keys(manifest.devDependencies)) expect(refs.some((ref) => ref.startsWith(`pkg:npm/${name}@`)) && name === "vitest").toBe(false);
  for (const one of bom.components) expect(one.hashes.every(({ alg, content }) => /^SHA-\d+$/.test(alg) && /^[0-9a-f]{40,128}$/.test(content))).toBe(true);
  const known = new Set([...refs, bom.metadata.component["bom-ref"]]);
  for (const { ref, dependsOn } of bom.dependencies) expect([ref, ...dependsOn].filter((one) => !known.has(one))).toEqual([]);
  expect(bom.serialNumber).toMatch(/^urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-[1-5][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  expect(bomOfLockFile(lock, { withDevelopment: false })).toEqual(bom);
  expect(bomOfLockFile(lock, { withDevelopment: true }).components.length).toBeGreaterThan(bom.components.length);
});

test("the official schema of CycloneDX 1.6 accepts it", () => {
  const problems = cycloneDxProblems();
  for (const withDevelopment of [false, true]) expect(problems(bomOfLockFile(lock, { withDevelopment }))).toEqual([]);
  expect(problems({ ...bomOfLockFile(lock, { withDevelopment: false }), components: [{ type: "nothing" }] })).not.toEqual([]);
});

test("a nested package is found before one further up", () => {
  const nested = {
    name: "root", version: "1.0.0",
    packages: {
      "": { dependencies: { a: "1", b: "1" } },
      "node_modules/a": { version: "1.0.0", dependencies: { b: "2" } },
      "node_modules/b": { version: "1.0.0" },
      "node_modules/a/node_modules/b": { version: "2.0.0" },
    },
  };
  expect(bomOfLockFile(nested, { withDevelopment: false }).dependencies).toEqual([
    { ref: "pkg:npm/a@1.0.0", dependsOn: ["pkg:npm/b@2.0.0"] },
    { ref: "pkg:npm/b@1.0.0", dependsOn: [] },
    { ref: "pkg:npm/b@2.0.0", dependsOn: [] },
    { ref: "pkg:npm/root@1.0.0", dependsOn: ["pkg:npm/a@1.0.0", "pkg:npm/b@1.0.0"] },
  ]);
  expect(() => bomOfLockFile({}, { withDevelopment: false })).toThrow();
});
