import AxeBuilder from "@axe-core/playwright";
import { expect, test } from "@playwright/test";
import { newSignInLink } from "./product.ts";

test("an engineer puts an endpoint between two topics; its page says that no runtime reads them yet", async ({ page }) => {
  await page.goto(await newSignInLink());
  await page.getByRole("button", { name: /^Sign in as/ }).click();
  await expect(page).toHaveURL(/\/inbox/);
  await page.goto("/endpoints");
  await page.getByRole("navigation", { name: "Serving" }).getByRole("link", { name: "Streams" }).click();
  await expect(page.getByRole("heading", { name: "No stream yet" })).toBeVisible();
  await expect(page.getByText("slipway stream create NAME")).toBeVisible();

  await page.getByRole("link", { name: "Make one" }).click();
  await page.getByLabel("Endpoint", { exact: true }).selectOption("digits");
  await page.getByRole("button", { name: "Make the stream" }).click();
  await expect(page.getByLabel("Name", { exact: true })).toBeFocused();
  await page.getByLabel("Name", { exact: true }).fill("digit-events");
  await page.getByLabel("Input topic").fill("scans");
  await page.getByLabel("Output topic").fill("scan-answers");
  await expect(page.getByText("Empty: scans-dead.")).toBeVisible();
  await page.getByRole("button", { name: "Make the stream" }).click();

  await expect(page).toHaveURL(/\/streams\/digit-events$/);
  await expect(page.getByRole("heading", { level: 1 })).toContainText("Waits for a runtime");
  await expect(page.getByText("digits answers scans into scan-answers. No runtime with the role stream has taken it up yet.")).toBeVisible();
  await expect(page.getByText("there is no point to go back to")).toBeVisible();
  await page.getByRole("button", { name: "Pause" }).click();
  await expect(page.getByRole("heading", { level: 1 })).toContainText("Paused");
  const { violations } = await new AxeBuilder({ page }).analyze();
  expect(violations.map(({ id }) => id)).toEqual([]);
  await page.getByRole("button", { name: "Resume" }).click();
  await expect(page.getByRole("heading", { level: 1 })).toContainText("Waits for a runtime");

  await page.goto("/streams");
  await expect(page.getByRole("row", { name: /digit-events/ })).toContainText("Waits for a runtime");
});
