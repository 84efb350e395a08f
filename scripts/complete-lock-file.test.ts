import { join } from "node:path";
import { expect, test } from "vitest";

import { missingOptional, platformEntry, readLockFile } from "./complete-lock-file.ts";

const lock = readLockFile(join(import.meta.dirname, "..", "package-lock.json"));

test("the lock file names every platform build, so that npm ci accepts it everywhere", () => {
  expect([...missingOptional(lock).keys()]).toEqual([]);
});

test("the lock file names no registry but the public one", () => {
  const hosts = Object.values(lock.packages).flatMap((entry) =>
    entry.resolved === undefined ? [] : [new URL(entry.resolved).host],
  );
  expect(hosts.filter((host) => host !== "registry.npmjs.org")).toEqual([]);
});

test("a platform is read from the package name", () => {
  expect(platformEntry("@next/swc-darwin-arm64", "1.2.3")).toEqual({
    version: "1.2.3",
    cpu: ["arm64"],
    optional: true,
    os: ["darwin"],
  });
  expect(() => platformEntry("left-pad", "1.0.0")).toThrow(/does not say for which platform/);
});
