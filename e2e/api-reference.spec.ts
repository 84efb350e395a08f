import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { expect, test } from "@playwright/test";
import { newSignInLink, product } from "./product.ts";

test("a reader makes a token, which is shown once, and runs an example of the API reference with it as it stands", async ({ page }) => {
  await page.goto(await newSignInLink());
  await page.getByRole("button", { name: /^Sign in as/ }).click();
  await expect(page).toHaveURL(/\/inbox/);
  await page.goto("/settings/tokens");
  await page.getByLabel("What it is for").fill("API reference journey");
  await page.getByLabel(/Only from these networks/).fill("127.0.0.0/8");
  await page.getByRole("button", { name: "Make token" }).click();
  const token = (await page.locator(".secret-once code").textContent()) ?? "";
  expect(token).toMatch(/^slp_[0-9A-Za-z]{36}$/);
  await page.reload();
  await expect(page.getByText("only from 127.0.0.0/8").first()).toBeVisible();
  expect(await page.content()).not.toContain(token);

  await page.goto("/docs/api");
  await expect(page.getByRole("heading", { name: "API reference" })).toBeVisible();
  await page.locator("#getModel > summary").click();
  const example = (await page.locator("#getModel pre code").textContent()) ?? "";
  // With a name of the reader's own, not a made-up one.
  expect(example).toContain(`${product().url}/api/v1/models/`);
  const { stdout } = await promisify(execFile)("bash", ["-c", `${example} --silent`], { env: { ...process.env, SLIPWAY_TOKEN: token } });
  expect(JSON.parse(stdout)).toMatchObject({ versions: expect.any(Array) });
});
