import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { buildVerifier, TARGET } from "./build.mjs";

test("public/slipway-audit-verify.mjs is what the sources build (else: node cli/audit-verify/build.mjs)", async () => {
  expect(await readFile(TARGET, "utf8")).toBe(await buildVerifier());
});

test("the verifier imports nothing but Node's own modules, and none that reach the network", async () => {
  const text = await readFile(TARGET, "utf8");
  const imported = [...text.matchAll(/^import .* from "([^"]+)";$/gm)]
    .map(([, name]) => name)
    .sort();
  expect(imported).toEqual([
    "node:buffer",
    "node:crypto",
    "node:fs",
    "node:fs/promises",
    "node:path",
    "node:process",
    "node:util",
  ]);
  expect(text).not.toMatch(/\bfetch\(|import\(|require\(|child_process|eval\(/);
});
