import { expect, test, type Page } from "@playwright/test";
import { newSignInLink } from "./product.ts";

/** Holds back the scripts of the next page: it is painted and can be typed into, and nothing on it lives until it is let go. */
async function holdScripts(page: Page): Promise<() => Promise<void>> {
  const { promise, resolve } = Promise.withResolvers<undefined>();
  await page.route("**/_next/static/**/*.js*", async (route) => {
    await promise;
    await route.continue();
  });
  return async () => {
    resolve(undefined);
    await page.unrouteAll({ behavior: "wait" });
  };
}

test("a password sent before the page lives signs in, and never stands in the address", async ({ page }) => {
  const addresses: string[] = [];
  page.on("request", (request) => addresses.push(request.url()));
  const letGo = await holdScripts(page);
  await page.goto("/sign-in", { waitUntil: "commit" });
  await page.getByLabel("E-mail").fill("nobody@demo");
  await page.getByLabel("Password").fill("early-and-wrong");
  await page.getByRole("button", { name: "Sign in", exact: true }).click();
  await letGo();
  await expect(page.getByText("The address or the password is not right.")).toBeVisible();
  await expect(page.getByLabel("E-mail")).toHaveValue("nobody@demo");
  expect(addresses.filter((address) => address.includes("early-and-wrong"))).toEqual([]);
});

test("what is typed, chosen, ticked and sent before the page lives is kept and sent once", async ({ page }) => {
  await page.goto(await newSignInLink());
  await page.getByRole("button", { name: /^Sign in as/ }).click();
  await expect(page).toHaveURL(/\/inbox/);
  const sent: unknown[] = [];
  page.on("request", (request) => {
    if (request.method() === "POST" && request.url().endsWith("/api/v1/tokens")) sent.push(request.postDataJSON());
  });
  const letGo = await holdScripts(page);
  await page.goto("/settings/tokens", { waitUntil: "commit" });
  await page.getByLabel("What it is for").fill("Written early");
  const scopes = page.getByRole("group", { name: "Scopes" }).getByRole("checkbox");
  const wasTicked = await scopes.nth(1).isChecked();
  await scopes.nth(1).click();
  await scopes.nth(2).click();
  await page.getByLabel(/^Days/).fill("7");
  await page.getByRole("button", { name: /^Make token/ }).click();
  await letGo();
  await expect(page.locator(".secret-once code")).toBeVisible();
  expect(sent).toHaveLength(1);
  expect(sent[0]).toMatchObject({ name: "Written early", expiresInDays: 7 });
  expect(wasTicked).toBe(false);
  expect((sent[0] as { scopes: string[] }).scopes.length).toBeGreaterThanOrEqual(2);
});

test("a button pressed before the page lives opens what it opens", async ({ page }) => {
  await page.goto(await newSignInLink());
  await page.getByRole("button", { name: /^Sign in as/ }).click();
  await expect(page).toHaveURL(/\/inbox/);
  const letGo = await holdScripts(page);
  await page.goto("/releases", { waitUntil: "commit" });
  await page.getByRole("button", { name: /find or do/ }).click();
  await letGo();
  await expect(page.getByRole("dialog")).toBeVisible();
});
