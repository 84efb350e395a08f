import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test, type Page } from "@playwright/test";
import { newSignInLink, product } from "./product.ts";

const ROOT = join(import.meta.dirname, "..");
const EXAMPLE = join(ROOT, "examples", "tumour-triage", "1.0.0");
const NAME = "watched-triage";
const MOVED = "mean_texture";

type Column = { name: string; binEdges: number[]; binCounts: number[] };
const profile = JSON.parse(readFileSync(join(EXAMPLE, "baseline.json"), "utf8")) as { features: Column[] };

/** The example's bytes with one more entry in its metadata: another file, the same model. */
function otherBytes(): Buffer {
  const field = (tag: number, text: string): Buffer => Buffer.concat([Buffer.from([tag, text.length]), Buffer.from(text)]);
  const entry = Buffer.concat([field(0x0a, "note"), field(0x12, "watched")]);
  return Buffer.concat([readFileSync(join(EXAMPLE, "model.onnx")), Buffer.from([0x72, entry.length]), entry]);
}

/** Row number n of traffic that looks like the training data: every bin of every feature equally often. `moved`: one feature sits in one bin. */
function row(n: number, moved: boolean): number[] {
  return profile.features.map(({ name, binEdges }, place) => {
    const bins = binEdges.length - 1;
    const bin = moved && name === MOVED ? Math.floor(bins / 2) : (n * 7 + place * 3) % bins;
    return ((binEdges[bin] ?? 0) + (binEdges[bin + 1] ?? 0)) / 2;
  });
}

const ROWS = 60;
let sent = 0;
async function sendRows(moved: boolean): Promise<void> {
  const data = Array.from({ length: ROWS }, () => row((sent += 1), moved)).flat();
  const body = JSON.stringify({ inputs: [{ name: "features", shape: [ROWS, profile.features.length], datatype: "FP32", data }] });
  const answer = await fetch(`${product().runtimeUrl}/v2/models/${NAME}/infer`, { method: "POST", headers: { "content-type": "application/json" }, body });
  expect(answer.status).toBe(200);
  await answer.arrayBuffer();
}

/** Sends until the work is done. */
async function during<T>(moved: boolean, work: Promise<T>): Promise<T> {
  let isOver = false;
  const done = work.finally(() => (isOver = true));
  while (!isOver) {
    await sendRows(moved);
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
  return done;
}

async function signIn(page: Page): Promise<void> {
  await page.goto(await newSignInLink());
  await page.getByRole("button", { name: /^Sign in as/ }).click();
  await expect(page).toHaveURL(/\/inbox/);
}

/** Calls the API as the page's own person. */
async function call(page: Page, method: string, path: string, body: unknown): Promise<unknown> {
  const answer = await page.request.fetch(path, { method, data: body, headers: { "content-type": "application/json", "idempotency-key": crypto.randomUUID(), origin: product().url } });
  const text = await answer.text();
  expect(answer.ok(), `${method} ${path}: ${text}`).toBe(true);
  return text === "" ? null : JSON.parse(text);
}

/** A model of this test's own, serving, with rules that look at every ten seconds. */
async function serve(page: Page): Promise<void> {
  await call(page, "POST", "/api/v1/models", { name: NAME, intendedUse: "Watched in a test, for drift alone.", riskTier: "low" });
  const upload = await page.request.post(`/api/v1/models/${NAME}/versions`, {
    headers: { origin: product().url },
    multipart: {
      version: "1.0.0",
      labelOutput: "label",
      baseline: readFileSync(join(EXAMPLE, "baseline.json"), "utf8"),
      golden: readFileSync(join(EXAMPLE, "golden.json"), "utf8"),
      sample: { name: "holdout.csv", mimeType: "text/csv", buffer: readFileSync(join(EXAMPLE, "..", "holdout.csv")) },
      model: { name: "model.onnx", mimeType: "application/octet-stream", buffer: otherBytes() },
    },
  });
  expect(upload.ok(), await upload.text()).toBe(true);
  // Staging asks for a profile and repeated golden answers, which the runtime makes on its own time.
  await expect(async () => {
    await call(page, "POST", "/api/v1/endpoints", { name: NAME, environment: "staging", model: NAME, version: "1.0.0" });
  }).toPass({ timeout: 90_000, intervals: [2000] });
  const { rules, rowVersion } = (await call(page, "GET", `/api/v1/endpoints/${NAME}/alert-rules`, undefined)) as { rules: { windowSeconds: number; key: string }[]; rowVersion: number };
  expect(rowVersion).toBe(0);
  const quick = rules.map((rule) => ({ ...rule, windowSeconds: 10 }));
  await call(page, "PUT", `/api/v1/endpoints/${NAME}/alert-rules`, { rules: quick, reason: "A test that cannot wait." });
  await expect(async () => {
    await sendRows(false);
  }).toPass({ timeout: 60_000 });
}

test("drift in one feature fires its alert and no other, and silence is told as such", async ({ page }) => {
  test.setTimeout(300_000);
  await signIn(page);
  await serve(page);
  await page.goto(`/endpoints/${NAME}/monitoring?range=1h`);
  await expect(page.getByRole("heading", { level: 1 })).toContainText(NAME);

  // Traffic like the training data: features are compared and all is well.
  const features = page.getByRole("region", { name: "Features" });
  await during(false, expect(features.getByRole("row", { name: new RegExp(MOVED) })).toContainText("Within limit", { timeout: 60_000 }));
  await expect(page.getByText("No alert has fired here.")).toBeVisible();

  // One feature moves. The page changes by itself, within a minute of the first moved request.
  const alerts = page.getByRole("region", { name: "Alerts" });
  await during(true, expect(alerts.getByRole("row", { name: /Feature drift/ })).toContainText("Firing", { timeout: 60_000 }));
  await expect(alerts.getByRole("row", { name: /Feature drift/ })).toContainText(MOVED);
  await expect(alerts.getByRole("row", { name: /Feature drift/ })).toHaveCount(1);
  // Answers may shift with what they are made from; nothing else has a reason to fire.
  await expect(alerts.getByRole("row", { name: /Firing/ }).filter({ hasNotText: /Feature drift|Prediction drift/ })).toHaveCount(0);

  await page.getByRole("button", { name: MOVED }).click();
  await expect(page.getByText(new RegExp(`^${MOVED}: PSI .* values against `))).toBeVisible();
  await alerts.getByRole("row", { name: /Feature drift/ }).getByRole("button", { name: /Acknowledge/ }).click();
  await page.getByRole("dialog").getByLabel("What happens next").fill("The new scanner; its owner was asked.");
  await page.getByRole("dialog").getByRole("button", { name: "Acknowledge" }).click();
  await expect(alerts).toContainText("The new scanner; its owner was asked.");

  // Nothing more comes: a state of its own with the reason, and the alert is not over.
  await expect(page.locator(".verdict")).toContainText("answered nothing for", { timeout: 90_000 });
  await expect(alerts.getByRole("row", { name: /Feature drift/ })).toContainText(/Firing|Calming down/);
});
