import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test, type Page } from "@playwright/test";
import { newSignInLink } from "./product.ts";

const HOLDOUT = join(import.meta.dirname, "..", "examples", "credit-default", "holdout.csv");

async function signIn(page: Page): Promise<void> {
  await page.goto(await newSignInLink());
  await page.getByRole("button", { name: /^Sign in as/ }).click();
  await expect(page).toHaveURL(/\/inbox/);
}

/** A run over the given lines of the example's rows; answers when its page says that it is done. */
async function runJob(page: Page, name: string, text: string): Promise<void> {
  await page.goto("/batch/new?endpoint=credit-nightly");
  await page.getByLabel("File of rows").setInputFiles({ name, mimeType: "text/csv", buffer: Buffer.from(text) });
  await expect(page.getByRole("status").filter({ hasText: name })).toContainText(/\d rows, 13 columns/);
  await page.getByRole("button", { name: "Start the job" }).click();
  await expect(page).toHaveURL(/\/batch\/jobs\/\d+$/);
  await expect(page.getByRole("heading", { level: 1 })).toContainText("Done", { timeout: 60_000 });
}

test("an engineer has files of rows answered, and makes the output before current again", async ({ page }) => {
  await signIn(page);
  await page.goto("/endpoints/new?model=credit-default&environment=production&version=1.0.0");
  await page.getByLabel("Name", { exact: true }).fill("credit-nightly");
  await page.getByText("Not sure? Work it out from your numbers").click();
  await page.getByLabel("An answer is needed within").fill("8");
  await page.getByLabel("Unit").selectOption("h");
  await page.getByRole("radio", { name: "Files of rows" }).check();
  await expect(page.getByText(/^Batch jobs\. 100,000 rows a day may wait/)).toBeVisible();
  await page.getByRole("radio", { name: "Batch jobs" }).check();
  await page.getByRole("button", { name: "Make the endpoint" }).click();
  await expect(page).toHaveURL(/\/endpoints\/credit-nightly$/);

  const [header = "", ...lines] = readFileSync(HOLDOUT, "utf8").trimEnd().split("\n");
  await runJob(page, "monday.csv", [header, ...lines.slice(0, 1500)].join("\n"));
  await expect(page.getByText(/^credit-default 1\.0\.0 over 1,500 rows of monday\.csv\. Every row has an answer/)).toBeVisible();
  await runJob(page, "tuesday.csv", [header, ...lines.slice(1500, 2000)].join("\n"));

  const first = page.getByRole("row").filter({ hasText: "results v1" });
  await first.getByRole("button", { name: /^Make current/ }).click();
  await page.getByLabel("Reason").fill("Tuesday's file was cut off.");
  await page.getByRole("dialog").getByRole("button", { name: "Make current" }).click();
  await expect(first).toContainText("Current");
  await expect(page.getByText("Its output is kept; another one is current.")).toBeVisible();

  const download = page.waitForEvent("download");
  await first.getByRole("link", { name: /^Download/ }).click();
  const text = readFileSync(await (await download).path(), "utf8");
  expect(text.trimEnd().split("\n")).toHaveLength(1501);
});

test("a batch endpoint moves to another version only after its difference was seen", async ({ page }) => {
  await signIn(page);
  await page.goto("/batch/new?endpoint=credit-nightly");
  await page.getByRole("radio", { name: /^Propose another version/ }).check();
  await page.getByLabel("Compare with").selectOption("1.1.0");
  await page.getByLabel("File of rows").setInputFiles(HOLDOUT);
  await expect(page.getByRole("status").filter({ hasText: "holdout.csv" })).toContainText("3,000 rows");
  await page.getByRole("button", { name: "Start the comparison" }).click();
  await expect(page).toHaveURL(/\/batch\/changes\/\d+$/);
  await expect(page.getByRole("heading", { level: 1 })).toContainText("Awaiting approval", { timeout: 60_000 });
  await expect(page.getByText(/that both answered, [\d,]+ \(.* %; 95 % interval/)).toBeVisible();
  await expect(page.getByRole("heading", { name: "What differs" })).toBeVisible();
  await page.getByRole("button", { name: "Withdraw" }).click();
  await page.getByLabel("Reason").fill("Compared in a test only.");
  await page.getByRole("dialog").getByRole("button", { name: "Withdraw" }).click();
  await expect(page.getByRole("heading", { level: 1 })).toContainText("Withdrawn");
});
