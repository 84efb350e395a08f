import { spawn, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { once } from "node:events";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { buildProgram } from "../program.ts";
import { makeApiToken } from "#lib/domain/access/api-token.ts";

const CLI = path.resolve("cli/slipway.ts");
let home: string;
beforeAll(() => {
  home = mkdtempSync(path.join(tmpdir(), "slipway-cli-"));
});
afterAll(() => rmSync(home, { recursive: true, force: true }));

const environment = (more: Record<string, string> = {}) => ({ NODE_ENV: "production" as const, PATH: process.env["PATH"] ?? "", HOME: home, XDG_CONFIG_HOME: home, ...more });
const slipway = (words: readonly string[], more = {}) => spawnSync(process.execPath, [CLI, ...words], { encoding: "utf8", env: environment(more), cwd: path.resolve(".") });

describe("without a server", () => {
  test("inspect says what a file is, as lines and as JSON, with no colour in a pipe", () => {
    const { stdout, status } = slipway(["inspect", "examples/digits/1.0.0/model.onnx"]);
    expect([status, stdout.includes("format  onnx"), stdout.includes("\u001b")]).toEqual([0, true, false]);
    const json: unknown = JSON.parse(slipway(["--json", "inspect", "examples/digits/1.0.0/model.onnx"]).stdout);
    expect(json).toMatchObject({ inspection: { format: "onnx" } });
  });

  test("a reader that closes the pipe early ends it quietly", async () => {
    const child = spawn(process.execPath, [CLI, "--help"], { env: environment(), stdio: ["ignore", "pipe", "pipe"] });
    const errors: string[] = [];
    child.stderr.setEncoding("utf8").on("data", (text: string) => errors.push(text));
    child.stdout.destroy();
    const [status] = (await once(child, "close")) as [number | null];
    expect([status, errors.join("")]).toEqual([0, ""]);
  });

  test("scan ends with 4 on what cannot be registered, and a missing file is wrong use", () => {
    const file = path.join(home, "text.onnx");
    writeFileSync(file, "this is not a model");
    expect(slipway(["scan", file]).status).toBe(4);
    expect(slipway(["scan", path.join(home, "absent")]).status).toBe(2);
    expect(slipway(["scan", "examples/digits/1.0.0/model.onnx"]).status).toBe(0);
  });

  test("completion is a script that bash reads, with every command in it", () => {
    const { stdout } = slipway(["completion", "bash"]);
    const check = spawnSync("bash", ["-c", `${stdout}\nCOMP_WORDS=(slipway rel); COMP_CWORD=1; _slipway; echo "\${COMPREPLY[@]}"; COMP_WORDS=(slipway release pl); COMP_CWORD=2; _slipway; echo "\${COMPREPLY[@]}"`], { encoding: "utf8" });
    expect([check.status, check.stdout.trim().split("\n")]).toEqual([0, ["release", "plan"]]);
    for (const { name } of buildProgram().commands.map((command) => ({ name: command.name() }))) expect(stdout).toContain(name);
  });

  test("a command that needs a server says how to get one, and doctor says what is wrong", () => {
    const { stderr, status } = slipway(["models"]);
    expect([status, stderr.includes("slipway login")]).toEqual([2, true]);
    expect(slipway(["doctor"], { SLIPWAY_URL: "http://127.0.0.1:9", SLIPWAY_TOKEN: "slp_x", SLIPWAY_RUNTIME_URL: "http://127.0.0.1:9" }).status).toBe(1);
  });
});

test("login keeps the token for its owner only and for its address only; logout forgets it", async () => {
  const server = createServer((request, response) => {
    const body = { userId: null, name: "Priya Nair", email: null, timeZone: "UTC", demo: false, authMethod: "token", roles: [], permissions: [], demoPeople: [] };
    response.writeHead(request.headers.authorization === `Bearer ${token}` ? 200 : 401, { "content-type": "application/json" }).end(JSON.stringify(body));
  });
  const token = makeApiToken(new Uint8Array(64).fill(7));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  const url = `http://127.0.0.1:${typeof address === "object" && address !== null ? address.port : 0}`;
  // Not spawnSync: the server answers from this process.
  const run = async (words: readonly string[], input = "", more = {}): Promise<{ code: number | null; out: string; err: string }> => {
    const child = spawn(process.execPath, [CLI, ...words], { env: environment(more) });
    let [out, err] = ["", ""];
    child.stdout.setEncoding("utf8").on("data", (text: string) => (out += text));
    child.stderr.setEncoding("utf8").on("data", (text: string) => (err += text));
    child.stdin.end(input);
    const [code] = (await once(child, "close")) as [number | null];
    return { code, out, err };
  };
  try {
    expect((await run(["login", "--url", url], "slp_nonsense\n")).code).toBe(2);
    const signedIn = await run(["login", "--url", `${url}/`], `${token}\n`);
    expect([signedIn.code, signedIn.out]).toEqual([0, `Priya Nair  ${url}\n`]);
    expect(signedIn.out + signedIn.err).not.toContain(token);
    expect(statSync(path.join(home, "slipway", "credentials.json")).mode & 0o077).toBe(0);
    expect((await run(["whoami"])).out).toContain("Priya Nair");
    expect((await run(["whoami"], "", { SLIPWAY_URL: "http://127.0.0.1:9" })).code).toBe(2);
    await run(["logout"]);
    expect((await run(["whoami"])).code).toBe(2);
  } finally {
    server.closeAllConnections();
    server.close();
  }
});
