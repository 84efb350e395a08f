import { describe, expect, it } from "vitest";
import { isLocked, lockOf, MAX_PACKAGES, openEntries, packageOf, pythonName } from "./lock.ts";
import { licencesOf, lockFindings, packageUrl } from "./lock-findings.ts";
import { readRequirements } from "./read-requirements.ts";
import { readCondaEnvironment, readPackageLock, readPipfileLock, readPoetryLock, readPylock, readUvLock } from "./read-structured-locks.ts";

const HEX = "ab".repeat(32);
const SHA256 = `sha256:${HEX}`;
const COMMIT = "0123456789abcdef0123456789abcdef01234567";

describe("pip's requirements", () => {
  it("joins lines, drops comments and markers, and takes extras, exact versions and hashes", () => {
    const lock = readRequirements(
      [
        "# made by pip-compile", "--index-url https://pypi.org/simple", "", `numpy==2.1.0 \\`, `    --hash=sha256:${HEX} \\`, `    --hash=sha256:${"cd".repeat(32)}  # via scipy`,
        `Scikit_Learn[plot] == 1.5.2 ; python_version >= "3.9" --hash=sha256:${HEX}`, "pandas>=2,<3", "requests", "scipy==1.*", "torch===2.4.0+cpu",
      ].join("\r\n"),
    );
    expect(lock.packages.map(({ name, version, asked, hashes }) => [name, version, asked, hashes.length])).toEqual([
      ["numpy", "2.1.0", null, 2],
      ["scikit-learn", "1.5.2", null, 1],
      ["pandas", null, ">=2,<3", 0],
      ["requests", null, "any version", 0],
      ["scipy", null, "==1.*", 0],
      ["torch", "2.4.0+cpu", null, 0],
    ]);
    expect(openEntries(lock)).toBe(4);
  });

  it("takes addresses with a hash or a full commit, and follows nothing", () => {
    const lock = readRequirements(
      [`mine @ git+https://example.com/mine.git@${COMMIT}`, `wheel @ https://example.com/wheel-0.4.0-py3-none-any.whl#sha256=${HEX}`, "branch @ git+https://example.com/b.git@main", "-r other.txt", "-e .", "./local.whl", "-c constraints.txt"].join("\n"),
    );
    expect(lock.packages.map(({ name, version, hashes }) => [name, version, hashes])).toEqual([
      ["mine", COMMIT, [`sha1:${COMMIT}`]],
      ["wheel", "0.4.0", [SHA256]],
    ]);
    expect(lock.elsewhere).toEqual(["branch @ git+https://example.com/b.git@main", "-r other.txt", "-e .", "./local.whl", "-c constraints.txt"]);
  });

  it.each(["", "# nothing\n\n", "--pre"])("refuses a file that names nothing: %j", (text) => {
    expect(() => readRequirements(text)).toThrow(/names no package/);
  });
});

describe("locks of other tools", () => {
  it("reads Poetry's, with hashes beside the package or in the older place", () => {
    const lock = readPoetryLock({
      package: [
        { name: "Numpy", version: "2.1.0", files: [{ file: "numpy.whl", hash: SHA256 }] },
        { name: "scipy", version: "1.14.0", dependencies: { NumPy: ">=1" } },
        { name: "git-one", version: "0.1", source: { type: "git", resolved_reference: COMMIT } },
      ],
      metadata: { "lock-version": "1.1", files: { scipy: [{ file: "s.whl", hash: SHA256 }] } },
    });
    expect(lock.packages.map(({ name, hashes, dependsOn }) => [name, hashes, dependsOn])).toEqual([["numpy", [SHA256], []], ["scipy", [SHA256], ["numpy"]], ["git-one", [`sha1:${COMMIT}`], []]]);
    expect(lockFindings(lock)).toEqual([]);
  });

  it("reads uv's without the project itself, and names folders as elsewhere", () => {
    const lock = readUvLock({
      version: 1,
      package: [
        { name: "me", version: "0.1", source: { editable: "." }, dependencies: [{ name: "numpy" }] },
        { name: "numpy", version: "2.1.0", source: { registry: "https://pypi.org/simple" }, sdist: { hash: SHA256 }, wheels: [{ hash: `sha256:${"cd".repeat(32)}` }] },
        { name: "beside", version: "0.1", source: { directory: "../beside" } },
      ],
    });
    expect(lock.packages.map(({ name, hashes }) => [name, hashes.length])).toEqual([["numpy", 2]]);
    expect(lock.elsewhere).toEqual(["beside from the folder ../beside"]);
  });

  it("reads pylock.toml and Pipfile.lock, without what only its makers need", () => {
    expect(readPylock({ packages: [{ name: "A.b", version: "1", wheels: [{ hashes: { sha256: HEX } }] }] }).packages).toMatchObject([{ name: "a-b", version: "1", hashes: [SHA256] }]);
    const lock = readPipfileLock({ default: { numpy: { version: "==2.1.0", hashes: [SHA256] }, loose: { version: "*" }, near: { path: "./near" } }, develop: { pytest: { version: "==8" } } });
    expect(lock.packages.map(({ name, version }) => [name, version])).toEqual([["numpy", "2.1.0"], ["loose", null]]);
    expect(lock.elsewhere).toEqual(["near from ./near"]);
  });

  it("reads npm's without development, with licences and nested versions", () => {
    const integrity = `sha512-${Buffer.alloc(64, 7).toString("base64")}`;
    const lock = readPackageLock({
      lockfileVersion: 3,
      packages: {
        "": { name: "me" },
        "node_modules/a": { version: "1.0.0", integrity, license: "MIT", dependencies: { b: "2" } },
        "node_modules/a/node_modules/@s/b": { version: "2.0.0", integrity },
        "node_modules/dev": { version: "1.0.0", dev: true },
        "packages/own": { version: "0.0.1" },
        "node_modules/own": { resolved: "packages/own", link: true },
      },
    });
    expect(lock.packages.map(({ name, version, licence }) => [name, version, licence])).toEqual([["a", "1.0.0", "MIT"], ["@s/b", "2.0.0", null]]);
    expect(lock.packages[0]?.hashes).toEqual([`sha512:${"07".repeat(64)}`]);
    expect(lock.elsewhere).toEqual(["own from the folder packages/own"]);
    expect(licencesOf(lock.packages)).toEqual([{ licence: "MIT", packages: 1 }, { licence: null, packages: 1 }]);
    expect(() => readPackageLock({ lockfileVersion: 1, dependencies: {} })).toThrow(/npm 6/);
  });

  it("says of a conda environment that it has no hashes", () => {
    const lock = readCondaEnvironment({ dependencies: ["python=3.11.4", "conda-forge::numpy=2.1.0=py311_0", "scipy>=1.10", "pip", { pip: [`mlflow==2.16.0 --hash=sha256:${HEX}`, "cloudpickle"] }] }, readRequirements);
    expect(lock.packages.map(({ ecosystem, name, version }) => [ecosystem, name, version])).toEqual([
      ["conda", "python", "3.11.4"], ["conda", "numpy", "2.1.0"], ["conda", "scipy", null], ["conda", "pip", null], ["pypi", "mlflow", "2.16.0"], ["pypi", "cloudpickle", null],
    ]);
    expect(lockFindings(lock).map(({ code, message }) => [code, message])).toEqual([
      ["not_exact", "3 packages have no exact version: scipy (>=1.10), pip (any version), cloudpickle (any version). Tomorrow's installation may be another one."],
      ["without_hash", "2 packages have no hash: python, numpy. Whoever controls the index can exchange them."],
    ]);
  });
});

it("keeps to its bounds", () => {
  const one = packageOf({ ecosystem: "pypi", name: "x", version: "1", hashes: [SHA256, SHA256] });
  expect(one.hashes).toEqual([SHA256]);
  expect(isLocked(one)).toBe(true);
  expect(() => lockOf("uv", Array.from({ length: MAX_PACKAGES + 1 }, () => one))).toThrow(/more than 10000/);
  expect(() => packageOf({ ecosystem: "npm", name: "a b", version: "1", hashes: [] })).toThrow(/no package name/);
  expect(() => packageOf({ ecosystem: "npm", name: "a", version: "1\n2", hashes: [] })).toThrow(/which is none/);
  expect(packageUrl({ ecosystem: "npm", name: "@s/b", version: "1.0.0+x" })).toBe("pkg:npm/%40s/b@1.0.0%2Bx");
  expect(pythonName("Foo._-Bar")).toBe("foo-bar");
});
