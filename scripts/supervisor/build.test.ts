import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";

import { ensureBuild, sourceHash } from "./build.ts";

let root: string;
let built: string[];

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "slipway-build-"));
  mkdirSync(join(root, "app"));
  writeFileSync(join(root, "app", "page.tsx"), "one");
  built = [];
});

afterEach(() => rmSync(root, { recursive: true }));

function ensure(build: (directory: string) => void = (directory) => void built.push(directory)) {
  return ensureBuild({
    root,
    onWait: () => undefined,
    build: (directory) => {
      mkdirSync(join(root, directory), { recursive: true });
      build(directory);
      return Promise.resolve();
    },
  });
}

test("the same sources are built once", async () => {
  const first = await ensure();
  const second = await ensure();
  expect(first).toEqual({ distDirectory: `.next/${sourceHash(root)}`, built: true });
  expect(second).toEqual({ ...first, built: false });
  expect(built).toEqual([first.distDirectory]);
});

test("other sources get another folder, and one that somebody runs is left alone", async () => {
  const first = await ensure();
  writeFileSync(join(root, "app", "page.tsx"), "two");
  const second = await ensure();
  expect(second.distDirectory).not.toBe(first.distDirectory);
  // Both are in use: this process has claimed them.
  expect(existsSync(join(root, first.distDirectory))).toBe(true);
});

test("a folder whose users are all dead is cleared away by the next build", async () => {
  const first = await ensure();
  const hash = sourceHash(root);
  const users = join(root, ".next", `${hash}.users`);
  for (const name of readdirSync(users))
    writeFileSync(join(users, name), JSON.stringify({ pid: 999_999_999, mark: "never" }));
  writeFileSync(join(root, "app", "page.tsx"), "two");
  await ensure();
  expect(existsSync(join(root, first.distDirectory))).toBe(false);
  expect(existsSync(users)).toBe(false);
});

test("a build that was broken off is made again", async () => {
  await expect(
    ensure(() => {
      throw new Error("killed");
    }),
  ).rejects.toThrow("killed");
  expect((await ensure()).built).toBe(true);
});

test("tests and generated code do not call for a build; a renamed file does", () => {
  const before = sourceHash(root);
  writeFileSync(join(root, "app", "page.test.tsx"), "a test");
  mkdirSync(join(root, "lib", "server", "db", "generated"), { recursive: true });
  writeFileSync(join(root, "lib", "server", "db", "generated", "client.ts"), "generated");
  expect(sourceHash(root)).toBe(before);
  writeFileSync(join(root, "app", "other.tsx"), "one");
  expect(sourceHash(root)).not.toBe(before);
});

test("the pointer to the route types is as it was before the build", async () => {
  const pointer = join(root, "next-env.d.ts");
  writeFileSync(pointer, "mine");
  await ensure(() => writeFileSync(pointer, "the build's"));
  expect(readFileSync(pointer, "utf8")).toBe("mine");
});
