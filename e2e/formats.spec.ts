import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test, type Page } from "@playwright/test";
import { newSignInLink, slipway } from "./product.ts";

const CORPUS = join(import.meta.dirname, "..", "lib", "server", "artifacts", "corpus");

async function signIn(page: Page): Promise<void> {
  await page.goto(await newSignInLink());
  await page.getByRole("button", { name: /^Sign in as/ }).click();
  await expect(page).toHaveURL(/\/inbox/);
}

async function choose(page: Page, file: string, named: string): Promise<void> {
  await page.goto("/models/new");
  await page.getByLabel("Model file").setInputFiles([{ name: named, mimeType: "application/octet-stream", buffer: readFileSync(join(CORPUS, file)) }]);
}

async function register(page: Page, file: string, named: string, model: string): Promise<void> {
  await choose(page, file, named);
  await page.getByLabel("Name", { exact: true }).fill(model);
  await page.getByLabel("Version", { exact: true }).fill("1.0.0");
  await page.getByLabel("Intended use").fill("Holds one version of a format in a browser test.");
  await page.getByRole("radio", { name: "Low" }).check();
  await page.getByRole("button", { name: /^Register/ }).click();
  await expect(page).toHaveURL(new RegExp(`/models/${model}/versions/1\\.0\\.0$`));
}

test("each format is registered by the form, told by its bytes", async ({ page }) => {
  test.setTimeout(120_000);
  await signIn(page);
  await register(page, "audit-tree-4.4.pmml", "model.bin", "e2e-pmml");
  await expect(page.getByText("PMML 4.4", { exact: true })).toBeVisible();
  await expect(page.getByText(/does not evaluate PMML/).first()).toBeVisible();
  await expect(page.getByRole("table").filter({ hasText: "employment" }).first()).toContainText("income");
  await register(page, "tensorflow-linear.tgz", "model.bin", "e2e-savedmodel");
  await expect(page.getByText(/TensorFlow SavedModel, tar archive, gzip/).first()).toBeVisible();
  await register(page, "sklearn-1.9-forest.joblib", "model.bin", "e2e-pickle");
  await expect(page.getByText(/Python pickle written by joblib/).first()).toBeVisible();
  await page.getByRole("link", { name: "Scan report" }).click();
  await expect(page.getByRole("heading", { level: 1 })).toContainText("Scan report of e2e-pickle 1.0.0");
  await expect(page.getByRole("table").filter({ hasText: "sklearn.ensemble._forest.RandomForestClassifier" })).toContainText("Known, harmless");
  await page.getByRole("button", { name: "Read it again" }).click();
  await expect(page.getByRole("row").filter({ hasText: "because somebody asked" })).toBeVisible();
  await register(page, "skl2onnx-logistic-opset17.onnx", "model.bin", "e2e-onnx");
  await expect(page.getByRole("img", { name: /operators in \d+ rows/ })).toBeVisible();
});

test("a SavedModel that reads files is blocked with the reason", async ({ page }) => {
  await signIn(page);
  await choose(page, "tensorflow-reads-files.tgz", "model.tgz");
  await expect(page.getByText(/cannot be registered: The graph or one of its functions uses ReadFile/).first()).toBeVisible();
  await expect(page.getByRole("row").filter({ hasText: "Reaches outside of the graph" })).toContainText("Stops it");
});

test("two versions made by the command line are compared by keyboard", async ({ page }) => {
  const token = (await slipway(["token", "create", "--local", "--role", "engineer", "--name", "formats journey"])).trim().split("\n").at(-1) ?? "";
  const common = ["--model", "e2e-compare"] as const;
  await slipway(["register", join(CORPUS, "skl2onnx-logistic-opset12.onnx"), ...common, "--version", "1.0.0", "--create", "--intended-use", "Is compared with itself in a test.", "--risk-tier", "low"], token);
  await slipway(["register", join(CORPUS, "skl2onnx-boosting.onnx"), ...common, "--version", "2.0.0", "--parent", "1.0.0"], token);
  await signIn(page);
  await page.goto("/models/e2e-compare/versions/2.0.0");
  await page.getByRole("link", { name: "Compare with 1.0.0" }).click();
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("e2e-compare: 1.0.0 and 2.0.0");
  await expect(page.getByRole("row").filter({ hasText: "TreeEnsembleRegressor" })).toContainText("none");
  await page.keyboard.press("x");
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("e2e-compare: 2.0.0 and 1.0.0");
});
