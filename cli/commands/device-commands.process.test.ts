import { spawn } from "node:child_process";
import { once } from "node:events";
import path from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { serveRoutes } from "#lib/api/http-routes.fixture.ts";
import { deviceStage, type DeviceStage } from "#lib/server/edge/device-stage.fixture.ts";
import { testPerson, testToken } from "#lib/server/test-app.ts";

let stage: DeviceStage;
let control: Awaited<ReturnType<typeof serveRoutes>>;
beforeAll(async () => {
  stage = await deviceStage();
  control = await serveRoutes(stage.app);
});
afterAll(async () => {
  await control.close();
  await stage.close();
});

/** Not spawnSync: the server answers from this process. */
async function device(token: string, ...words: readonly string[]): Promise<{ code: number | null; out: string; err: string }> {
  const env = { NODE_ENV: "production" as const, PATH: process.env["PATH"] ?? "", SLIPWAY_URL: control.url, SLIPWAY_TOKEN: token };
  const child = spawn(process.execPath, [path.resolve("cli/slipway.ts"), "device", ...words], { env });
  let [out, err] = ["", ""];
  child.stdout.setEncoding("utf8").on("data", (text: string) => (out += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => (err += text));
  const [code] = (await once(child, "close")) as [number | null];
  return { code, out, err };
}

test("slipway device: a code joins one device, an order waits for another person, goes ring by ring, and is taken back", async () => {
  const author = await testToken(stage.app, stage.lead, "ml_lead");
  const second = await testToken(stage.app, await testPerson(stage.app, "Ida Holm", ["ml_lead"]), "ml_lead");

  const made = await device(author, "code", "ward", "--name", "ward-1");
  expect([made.code, made.err.includes(`SLIPWAY_CONTROL_URL=${control.url} SLIPWAY_RUNTIME_NAME=ward-1 SLIPWAY_DEVICE_CODE=${made.out.trim()} `)]).toEqual([0, true]);

  await stage.join("ward-2");
  expect((await device(author, "list", "ward")).out).toMatch(/ward should run 1\.0\.0; order 1 .*\n.*\nward-2 .*never/);

  expect((await device(author, "order", "ward", "--version", "1.1.0", "--reason", "Better on small lesions.")).out).toContain("order 2; no device has it yet");
  const refused = await device(author, "advance", "ward", "--reason", "Looked at the evidence.");
  expect([refused.code, refused.err.includes("does not let it go to the first devices")]).toEqual([4, true]);
  expect((await device(second, "advance", "ward", "--reason", "Looked at the evidence.")).out).toBe("order 2  rolling  ring 1\n");
  expect((await device(second, "hold", "ward", "--reason", "Waits for the ward round.")).out).toBe("order 2  held  ring 1\n");
  expect((await device(second, "rollback", "ward", "--reason", "Nobody may try 1.1.0 again.")).out).toBe("order 3: back to 1.0.0\n");

  expect((await device(author, "revoke", "ward", "ward-2", "--reason", "Stolen from the ward.")).out).toMatch(/^ward-2 is revoked since 20/);
  expect((await device(author, "list", "ward")).out).toMatch(/\nward-2 .*revoked/);
  expect((await device(author, "revoke", "ward", "ward-2", "--reason", "Stolen from the ward.")).code).toBe(3);
});
