import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test, type Page } from "@playwright/test";
import { newSignInLink } from "./product.ts";

const ROOT = join(import.meta.dirname, "..");
const CREDIT = join(ROOT, "examples", "credit-default");

/** The example's bytes with one more entry in its metadata: another file, the same model. */
function withNote(path: string, note: string): Buffer {
  const entry = Buffer.concat([field(0x0a, "note"), field(0x12, note)]);
  return Buffer.concat([readFileSync(path), Buffer.from([0x72, entry.length]), entry]);
}

const field = (tag: number, text: string): Buffer => Buffer.concat([Buffer.from([tag, text.length]), Buffer.from(text)]);

async function signIn(page: Page): Promise<void> {
  await page.goto(await newSignInLink());
  await page.getByRole("button", { name: /^Sign in as/ }).click();
  await expect(page).toHaveURL(/\/inbox/);
}

test("an engineer drops a file, mends one rule, registers it, and tries it on its page", async ({ page }) => {
  await signIn(page);
  await page.goto("/models/new");
  const register = page.getByRole("button", { name: /^Register/ });
  await expect(register).toHaveAttribute("aria-disabled", "true");
  await page.getByLabel("Model file").setInputFiles([
    { name: "loan-risk-1.4.0.onnx", mimeType: "application/octet-stream", buffer: withNote(join(CREDIT, "1.0.0", "model.onnx"), "form") },
    { name: "holdout.csv", mimeType: "text/csv", buffer: readFileSync(join(CREDIT, "holdout.csv")) },
  ]);
  await expect(page.getByRole("heading", { name: "Input contract" })).toBeVisible();
  await expect(page.getByLabel("Name", { exact: true })).toHaveValue("loan-risk");
  await expect(page.getByLabel("Version", { exact: true })).toHaveValue("1.4.0");

  // A rule that would turn most callers away says so, with the number, while it is typed.
  const most = page.getByLabel("monthly_income, greatest value");
  const proposed = await most.inputValue();
  await most.fill("1500");
  await page.getByLabel("monthly_income, if outside").selectOption("reject");
  await expect(page.getByText(/^Would refuse about [\d,]+ of 3,000 sample rows/)).toBeVisible();
  await most.fill("15oo");
  await register.click();
  const problems = page.getByRole("alert").filter({ hasText: "3 things to correct" });
  await expect(problems).toBeFocused();
  await problems.getByRole("link", { name: /^monthly_income: This is not a number/ }).click();
  await expect(most).toBeFocused();
  await most.fill(proposed);
  await page.getByLabel("Intended use").fill("Supports a credit officer in a test; not for decisions about people.");
  await page.getByRole("radio", { name: "Medium" }).check();

  // A reload loses nothing.
  await expect.poll(() => page.evaluate(() => sessionStorage.getItem("slipway.register") ?? "")).toContain('"riskTier":"medium"');
  await page.reload();
  await expect(most).toHaveValue(proposed);
  await expect(page.getByLabel("Intended use")).toHaveValue(/^Supports a credit officer/);
  await page.getByRole("tab", { name: "CLI" }).click();
  await expect(page.getByRole("tabpanel")).toContainText("slipway register loan-risk-1.4.0.onnx");

  await register.click();
  await expect(page).toHaveURL(/\/models\/loan-risk\/versions\/1\.4\.0$/);
  await expect(page.getByRole("heading", { level: 1 })).toContainText("Ready", { timeout: 60_000 });
  await expect(page.getByRole("link", { name: "Make an endpoint" }).first()).toBeVisible();

  await page.getByRole("button", { name: "Run", exact: true }).click();
  const answer = page.locator("dl.answer");
  await expect(answer).toContainText(/label.*(repaid|defaulted)/, { timeout: 60_000 });
  await page.getByLabel(/edit it as you like/).fill("{ nonsense");
  await page.getByRole("button", { name: "Run", exact: true }).click();
  await expect(page.getByText(/^This is not JSON/)).toBeVisible();
});

test("the same file again leads to the version it is, and cannot be registered twice", async ({ page }) => {
  await signIn(page);
  await page.goto("/models/new?model=credit-default");
  await page.getByLabel("Model file").setInputFiles(join(CREDIT, "1.1.0", "model.onnx"));
  await expect(page.getByText("This exact file is credit-default 1.1.0.", { exact: false })).toBeVisible();
  await expect(page.getByRole("button", { name: /^Register/ })).toHaveAttribute("aria-disabled", "true");
  await page.getByRole("link", { name: "Open it" }).click();
  await expect(page).toHaveURL(/\/models\/credit-default\/versions\/1\.1\.0$/);
});

test("what is no model is refused in words, and the form goes on", async ({ page }) => {
  await signIn(page);
  await page.goto("/models/new");
  await page.getByLabel("Model file").setInputFiles({ name: "model.onnx", mimeType: "application/octet-stream", buffer: Buffer.from("not a model at all") });
  const refusal = page.getByRole("alert").filter({ has: page.locator("b") });
  await expect(refusal).toBeFocused();
  await expect(page.getByRole("button", { name: "Choose a file" })).toBeVisible();
});

test("an engineer puts a first version on an endpoint and reads what was live before that", async ({ page }) => {
  await signIn(page);
  await page.goto("/endpoints/new?model=digits&environment=production&version=1.0.0");
  await page.getByLabel("Name", { exact: true }).fill("digits-second");
  await page.getByRole("button", { name: "Make the endpoint" }).click();
  await expect(page).toHaveURL(/\/endpoints\/digits-second$/);
  await expect(page.getByText("1.0.0 answers 100 % as stable.")).toBeVisible();
  await page.getByLabel(/^Moment/).fill("2020-01-01T00:00:00");
  await page.getByRole("button", { name: "Show" }).click();
  await expect(page.getByText("Nothing was routed here then.")).toBeVisible();
  await expect(page).toHaveURL(/at=2020-01-01/);
});
