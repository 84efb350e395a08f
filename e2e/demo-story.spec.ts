import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, test, type APIRequestContext, type Page } from "@playwright/test";
import { getRelease } from "#lib/contracts/api/release-operations.ts";
import { newSignInLink, product, slipway } from "./product.ts";

const ROOT = join(import.meta.dirname, "..");
const run = promisify(execFile);
const STORY_LIMIT_MS = 240_000;

test.describe.configure({ mode: "serial" });

async function signIn(page: Page): Promise<void> {
  await page.goto(await newSignInLink());
  await page.getByRole("button", { name: /^Sign in as/ }).click();
  await expect(page).toHaveURL(/\/inbox/);
}

async function localToken(role: string): Promise<string> {
  return (await slipway(["token", "create", "--local", "--role", role])).trimEnd().split("\n").at(-1) ?? "";
}

async function readRelease(request: APIRequestContext, token: string, number: number) {
  const response = await request.get(`${product().url}/api/v1/releases/${String(number)}`, { headers: { authorization: `Bearer ${token}` } });
  expect(response.status()).toBe(200);
  return getRelease.response.parse(await response.json());
}

/** The same model with one more metadata entry (ModelProto.metadata_props, field 14): other bytes, so another version. */
function withNote(model: Buffer): Buffer {
  const entry = Buffer.concat([Buffer.from([0x0a, 4]), Buffer.from("note"), Buffer.from([0x12, 1]), Buffer.from("x")]);
  return Buffer.concat([model, Buffer.from([0x72, entry.length]), entry]);
}

test("release 1 promotes itself and release 2 is rolled back by its own metrics, while stable answers every request", async ({ page, request }) => {
  test.setTimeout(STORY_LIMIT_MS + 60_000);
  const token = await localToken("viewer");
  await signIn(page);
  await expect(page.getByRole("heading", { level: 1 })).toContainText("need");

  await expect.poll(async () => (await readRelease(request, token, 2)).state, { timeout: STORY_LIMIT_MS, intervals: [1000] }).toBe("ROLLED_BACK");
  await expect.poll(async () => (await readRelease(request, token, 1)).state, { timeout: STORY_LIMIT_MS, intervals: [1000] }).toBe("COMPLETED");

  const rolledBack = await readRelease(request, token, 2);
  expect(rolledBack.sentence).toContain("Rolled back by its own metrics");
  expect(rolledBack.guards.find(({ metric }) => metric === "wrongLabel")?.word).toBe("HARM");
  await page.goto("/releases/2");
  await expect(page.getByText("Rolled back", { exact: true }).first()).toBeVisible();
  await expect(page.getByText(rolledBack.stopwatch?.finalSentence ?? "no final sentence").first()).toBeVisible();

  const promoted = await readRelease(request, token, 1);
  const error = promoted.guards.find(({ metric }) => metric === "error");
  await page.goto("/releases/1");
  const row = page.getByRole("row", { name: /^Error rate/ }).first();
  await expect(row).toContainText((error?.candidate.of ?? 0).toLocaleString("en"));
  expect(error?.stable.bad).toBe(0);
});

test("the ML lead approves a waiting release in the browser and rolls it back with one click and a reason", async ({ page, request }) => {
  const token = await localToken("viewer");
  await signIn(page);
  await page.goto("/releases/3");
  await page.getByRole("button", { name: /^Approve/ }).first().click();
  const approval = page.getByRole("dialog");
  await approval.getByRole("radio").first().check();
  await approval.getByLabel("Reason").fill("Evaluation, card and golden answers read.");
  await approval.getByRole("button", { name: /^Approve|^Sign/ }).click();
  await expect(approval).toBeHidden();
  await expect.poll(async () => (await readRelease(request, token, 3)).state, { timeout: 60_000, intervals: [500] }).toBe("STEP_ACTIVE");

  // The button is closed until the page has heard of the weight.
  await expect(page.getByText(/takes\s+10\s*%/).first()).toBeVisible();
  await page.getByRole("button", { name: /^Roll back to 1\.0\.0/ }).first().click();
  const rollback = page.getByRole("dialog");
  await rollback.getByRole("radio", { name: "Wrong predictions" }).check();
  await rollback.getByLabel("In your words").fill("A pathologist reports wrong readings.");
  await rollback.getByRole("button", { name: /^Roll back to/ }).click();
  await expect.poll(async () => (await readRelease(request, token, 3)).state, { timeout: 30_000, intervals: [250] }).toBe("ROLLED_BACK");
  await expect(page.getByText(/Back on 1\.0\.0 in \d/).first()).toBeVisible();
  const { stopwatch } = await readRelease(request, token, 3);
  expect(stopwatch?.drainedMs).not.toBeNull();
});

test("nobody approves their own release", async ({ request }) => {
  const token = await localToken("ml_lead");
  const headers = { authorization: `Bearer ${token}` };
  const created = await request.post(`${product().url}/api/v1/releases`, { headers, data: { endpoint: "tumour-triage", version: "1.1.0" } });
  expect(created.status()).toBe(201);
  const { id, number } = (await created.json()) as { id: string; number: number };
  const { approvals } = await readRelease(request, token, number);
  const refused = await request.post(`${product().url}/api/v1/releases/${id}/approve`, {
    headers,
    data: { meaning: "evidence_reviewed", reason: "I made it, so I know it.", digest: approvals.boundDigest },
  });
  expect(refused.status()).toBe(403);
  expect(await refused.json()).toMatchObject({ code: "self_approval" });
  const cancelled = await request.post(`${product().url}/api/v1/releases/${id}/cancel`, { headers, data: { reason: "Only made to be refused." } });
  expect(cancelled.status()).toBe(200);
});

test("an engineer registers a model of their own by API and by the command line, and tries it", async ({ request }) => {
  const token = await localToken("engineer");
  const env = { ...process.env, SLIPWAY_TOKEN: token, SLIPWAY_URL: product().url };
  const iris = join(mkdtempSync(join(tmpdir(), "slipway-model-")), "iris.onnx");
  writeFileSync(iris, withNote(readFileSync(join(ROOT, "examples", "bring-your-own", "iris.onnx"))));
  const registering = [join(ROOT, "cli", "slipway.ts"), "--json", "register", iris, "--model", "iris-cli", "--version", "1.0.0"];
  const { stdout } = await run(
    process.execPath,
    [...registering, "--sample", join(ROOT, "examples", "bring-your-own", "sample.csv"), "--create", "--intended-use", "Sorts irises in a test.", "--risk-tier", "low"],
    { env, cwd: ROOT },
  );
  expect(JSON.parse(stdout)).toMatchObject({ model: "iris-cli", version: "1.0.0" });

  const again = await request.post(`${product().url}/api/v1/models/iris-cli/versions`, {
    headers: { authorization: `Bearer ${token}` },
    multipart: { version: "1.0.1", model: { name: "iris.onnx", mimeType: "application/octet-stream", buffer: readFileSync(iris) } },
  });
  expect(again.status()).toBe(409);
  expect(await again.json()).toMatchObject({ code: "already_exists", detail: expect.stringContaining("iris-cli 1.0.0") as unknown });

  await expect
    .poll(
      async () => {
        const models = await request.get(`${product().url}/api/v1/models/iris-cli`, { headers: { authorization: `Bearer ${token}` } });
        return ((await models.json()) as { versions: { state: string }[] }).versions[0]?.state;
      },
      { timeout: 60_000, intervals: [500] },
    )
    .toBe("ready");
});

test("a reviewer exports the trail, verifies it offline, and sees a changed byte refused", async () => {
  const token = await localToken("auditor");
  const directory = mkdtempSync(join(tmpdir(), "slipway-audit-"));
  const bundle = join(directory, "trail.slipway-audit.jsonl");
  const env = { ...process.env, SLIPWAY_TOKEN: token, SLIPWAY_URL: product().url };
  const { stdout } = await run(process.execPath, [join(ROOT, "cli", "slipway.ts"), "--json", "audit", "export", "--file", bundle], { env, cwd: ROOT });
  const { vkey } = JSON.parse(stdout) as { vkey: string };
  const verifier = join(ROOT, "public", "slipway-audit-verify.mjs");
  await run(process.execPath, [verifier, bundle, "--key", vkey]);

  const forged = join(directory, "forged.slipway-audit.jsonl");
  writeFileSync(forged, readFileSync(bundle, "utf8").replace("release.approved", "release.rejected"));
  const refused = await run(process.execPath, [verifier, forged, "--key", vkey]).catch((error: unknown) => error as { code: number; stdout: string; stderr: string });
  expect(refused).toMatchObject({ code: 1 });
});
