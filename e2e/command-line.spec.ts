import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "@playwright/test";
import { product, slipway } from "./product.ts";

const ROOT = join(import.meta.dirname, "..");
const run = promisify(execFile);
let home: string;
let environment: NodeJS.ProcessEnv;

test.beforeAll(async () => {
  home = mkdtempSync(join(tmpdir(), "slipway-cli-"));
  const token = (await slipway(["token", "create", "--local", "--role", "engineer", "--name", "command line journey"])).trim().split("\n").at(-1) ?? "";
  environment = { ...process.env, HOME: home, XDG_CONFIG_HOME: home, SLIPWAY_URL: product().url, SLIPWAY_RUNTIME_URL: product().runtimeUrl, SLIPWAY_TOKEN: token };
});
test.afterAll(() => rmSync(home, { recursive: true, force: true }));

const cli = (words: readonly string[], more: Readonly<Record<string, string>> = {}) =>
  run(process.execPath, [join(ROOT, "cli", "slipway.ts"), ...words], { cwd: ROOT, env: { ...environment, ...more } });

/** The example's bytes with one more entry in its metadata: another file, the same model. */
function irisWithNote(note: string): string {
  const entry = Buffer.concat([Buffer.from([0x0a, 4]), Buffer.from("note"), Buffer.from([0x12, note.length]), Buffer.from(note)]);
  const file = join(home, `${note}.onnx`);
  writeFileSync(file, Buffer.concat([readFileSync(join(ROOT, "examples", "bring-your-own", "iris.onnx")), Buffer.from([0x72, entry.length]), entry]));
  return file;
}

test("models as code: a plan, the change, and nothing to do the second time", async () => {
  const document = join(home, "slipway.yaml");
  writeFileSync(document, "models:\n  - { name: iris-by-code, intendedUse: Tells three kinds of iris apart., riskTier: low }\n");
  expect((await cli(["apply", "--file", document, "--plan"])).stdout).toBe("+ model iris-by-code (low risk)\n");
  expect((await cli(["apply", "--file", document, "--yes"])).stdout).toBe("model iris-by-code created\n");
  expect((await cli(["apply", "--file", document])).stdout).toBe("Nothing to do.\n");
});

test("the CI script registers, waits until a runtime has measured the version, and says so in its outputs", async () => {
  const output = join(home, "outputs");
  const variables = { MODEL: "iris-by-code", VERSION: "1.0.0", FILE: irisWithNote("ci"), SAMPLE: "", ENDPOINT: "", GITHUB_OUTPUT: output, SLIPWAY_CLI: `${process.execPath} ${join(ROOT, "cli", "slipway.ts")}` };
  await run(join(ROOT, "deploy", "ci", "release.sh"), [], { cwd: ROOT, env: { ...environment, ...variables } });
  expect(readFileSync(output, "utf8")).toMatch(/^digest=sha256:[0-9a-f]{64}\nstate=ready\n$/);
});

test("doctor finds nothing wrong, and a request is answered", async () => {
  const { stdout } = await cli(["--json", "doctor"]);
  expect((JSON.parse(stdout) as { checks: { ok: boolean }[] }).checks.every(({ ok }) => ok)).toBe(true);
  expect((await cli(["release", "plan", "--endpoint", "digits"])).stdout).toContain("then promotion");
});
