import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, test, type Page } from "@playwright/test";
import { newSignInLink, slipway } from "./product.ts";

const ROOT = join(import.meta.dirname, "..");
const ASSURANCE = "/models/credit-default/versions/1.0.0/assurance";
const STATEMENT = "Forty-two scenarios of rate and income were run; all stayed inside their threshold.";
const LIFETIME_MS = 8_000;
const run = promisify(execFile);

async function signIn(page: Page): Promise<void> {
  await page.goto(await newSignInLink());
  await page.getByRole("button", { name: /^Sign in as/ }).click();
  await expect(page).toHaveURL(/\/inbox/);
}

/** Goes on as the compliance reviewer of the demonstration. */
async function signInAsReviewer(page: Page): Promise<void> {
  await signIn(page);
  await page.locator("summary").filter({ hasText: "Maren Okafor" }).click();
  await page.getByRole("button", { name: /Ruth Keller/ }).click();
  await expect(page.locator("summary").filter({ hasText: "Ruth Keller" })).toBeVisible();
}

/** Opens a page and waits until it lives: what is typed before that would be lost. */
async function open(page: Page, path: string): Promise<void> {
  await page.goto(path);
  await expect(page.getByText(/^Live, /)).toBeVisible();
}

/** A section by the id of its heading. */
const section = (page: Page, id: string) => page.locator(`section[aria-labelledby="${id}"]`);

/** The gap of one kind of evidence, if it is open. */
const gapOf = (page: Page, label: string) => section(page, "gaps").getByRole("row").filter({ hasText: label });

test("a signed classification says what binds the model, and its obligations with citation follow", async ({ page }) => {
  await signInAsReviewer(page);
  await open(page, "/models/credit-default/classification");
  const why = "Read again for the yearly review: still the creditworthiness of natural persons.";
  await page.getByLabel("Why", { exact: true }).fill(why);
  await page.getByRole("button", { name: "Sign classification" }).click();
  await expect(page.getByText("What binds the model is derived anew.")).toBeVisible();
  await expect(page.getByRole("row").filter({ hasText: why }).first()).toContainText("High-risk");

  await open(page, ASSURANCE);
  const duty = section(page, "controls").getByRole("row").filter({ hasText: "AI literacy measures" }).first();
  await expect(duty).toContainText("Art. 4");
  await expect(duty).toContainText("Law");
});

test("evidence closes a gap, runs out, and opens it again", async ({ page }) => {
  await signIn(page);
  const label = "Sensitivity and stress test report";
  await open(page, ASSURANCE);
  await expect(gapOf(page, label)).toContainText("Missing");

  await page.getByLabel("Kind of evidence").selectOption({ value: "sensitivity_stress_report" });
  await page.getByLabel("Scenarios run").fill("42");
  await page.getByLabel("Scenarios outside their threshold").fill("0");
  await page.getByLabel("What this shows").fill(STATEMENT);
  const until = Date.now() + LIFETIME_MS;
  // The field is in the reader's zone, which is UTC in the demonstration.
  await page.getByLabel(/^Counts until/).fill(new Date(until).toISOString().slice(0, 19));
  await page.getByRole("button", { name: "Sign and add" }).click();
  await expect(page.getByText("What it closes is derived anew.")).toBeVisible();
  await expect(gapOf(page, label)).toHaveCount(0);

  await expect(async () => {
    await page.reload();
    await expect(gapOf(page, label)).toContainText("Stale", { timeout: 1_000 });
  }).toPass({ timeout: 60_000, intervals: [1_000] });
  expect(Date.now()).toBeGreaterThanOrEqual(until - 1_000);
});

test("an incident starts its regulatory clocks at the moment of awareness, the earliest first", async ({ page }) => {
  await signInAsReviewer(page);
  await open(page, "/incidents/new");
  await page.getByLabel("Title").fill("Applicants of one region refused");
  await page.getByLabel("What happened").fill("Refusals of one region doubled after a change of its postal codes.");
  await page.getByLabel("Endpoint").selectOption("credit-default");
  await page.getByRole("checkbox", { name: /fundamental rights/i }).check();
  await page.getByRole("button", { name: "Open the incident" }).click();
  await expect(page).toHaveURL(/\/incidents\/\d+$/);
  const clocks = section(page, "clocks");
  await expect(clocks.getByText("Art. 73", { exact: false }).first()).toBeVisible();
  await expect(clocks.getByText("15 days", { exact: false }).first()).toBeVisible();
});

test("the trail says what was live at a past moment as the endpoint's own record does", async ({ page }) => {
  await signInAsReviewer(page);
  await open(page, "/audit");
  const asOf = section(page, "as-of");
  await asOf.getByLabel("Endpoint").selectOption("credit-default");
  await asOf.getByRole("button", { name: "Now" }).click();
  await expect(asOf.getByText(/credit-default served/)).toContainText("1.0.0");
  await asOf.getByRole("link", { name: "The endpoint then" }).click();
  await expect(page).toHaveURL(/\/endpoints\/credit-default\?at=/);
  await expect(page.getByRole("heading", { level: 1 })).toContainText("credit-default");
});

test("a sample is drawn from a seed, kept as a work paper and tested", async ({ page }) => {
  await signInAsReviewer(page);
  await open(page, "/audit/work-papers");
  await page.getByText("Draw a sample").click();
  await page.locator("#draw-title").fill("Approvals of the quarter");
  await page.getByLabel("How many").fill("3");
  await page.getByLabel("Seed").fill("fourth quarter 2026");
  await page.getByRole("button", { name: "Draw and keep" }).click();
  await expect(page).toHaveURL(/\/audit\/work-papers\/\d+$/);
  await expect(page.getByRole("heading", { level: 1 })).toContainText("Approvals of the quarter");
  await expect(section(page, "again")).toContainText("fourth quarter 2026");
  await page.getByRole("button", { name: /, Reason is given: held$/ }).first().click();
  await expect(section(page, "items").getByText("Held", { exact: true }).first()).toBeVisible();
  await expect(page.getByText("held in 1 of 1 tested")).toBeVisible();
});

test("what is downloaded from the page verifies offline, and a changed byte is refused with the first bad entry", async ({ page }) => {
  await signInAsReviewer(page);
  await open(page, "/audit");
  const downloading = page.waitForEvent("download");
  await page.locator("#export-bundle").click();
  const directory = mkdtempSync(join(tmpdir(), "slipway-reviewer-"));
  const bundle = join(directory, "trail.slipway-audit.jsonl");
  await (await downloading).saveAs(bundle);
  const key = /--key '([^']+)'/.exec((await section(page, "export").textContent()) ?? "")?.[1] ?? "no key is shown";
  const verifier = join(ROOT, "public", "slipway-audit-verify.mjs");
  await run(process.execPath, [verifier, bundle, "--key", key]);

  const text = readFileSync(bundle, "utf8");
  const at = text.indexOf(STATEMENT);
  const forgedAt = at === -1 ? text.indexOf("model.classified") : at;
  expect(forgedAt).toBeGreaterThan(0);
  const forged = join(directory, "forged.slipway-audit.jsonl");
  writeFileSync(forged, `${text.slice(0, forgedAt)}X${text.slice(forgedAt + 1)}`);
  const refused = await run(process.execPath, [verifier, forged, "--key", key]).catch((error: unknown) => error as { code: number; stdout: string; stderr: string });
  expect(refused).toMatchObject({ code: 1 });
  expect(refused.stdout + refused.stderr).toMatch(/entry #?\d+/i);
});

test("a reader of the record sees all of it and is offered nothing to change", async ({ request }) => {
  const token = (await slipway(["token", "create", "--local", "--role", "auditor"])).trimEnd().split("\n").at(-1) ?? "";
  const headers = { authorization: `Bearer ${token}` };
  const read = await request.get("/api/v1/models/credit-default/versions/1.0.0/annex-iv", { headers });
  expect(read.status()).toBe(200);
  const written = await request.post("/api/v1/evidence", {
    headers,
    data: { kind: "sensitivity_stress_report", subject: { type: "version", model: "credit-default", version: "1.0.0" }, details: { scenarios: 1, scenariosOutside: 0 }, statement: "An auditor may not state this." },
  });
  expect(written.status()).toBe(403);
});
