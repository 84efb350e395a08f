import { expect, test, type Page } from "@playwright/test";
import { newSignInLink, product } from "./product.ts";

/** Through the provider's own pages: name and password, then the agreement. */
async function signInAtProvider(page: Page, name: string): Promise<void> {
  await page.goto("/sign-in");
  await page.getByRole("button", { name: "Continue with Example login" }).click();
  await page.locator("input[name=login]").fill(name);
  await page.locator("input[name=password]").fill("any");
  await page.getByRole("button", { name: "Sign-in" }).click();
  await page.getByRole("button", { name: "Continue" }).click();
}

test("somebody signs in by a real OpenID provider, has the roles of their groups, and signs out there too", async ({ page }) => {
  await signInAtProvider(page, "maren");
  await expect(page).toHaveURL(/\/inbox/);
  const me: unknown = await (await page.request.get("/api/v1/session", { headers: { "sec-fetch-site": "same-origin" } })).json();
  expect(me).toMatchObject({ name: "Maren Okafor of ID", email: "maren@id.example", authMethod: "oidc" });
  expect(JSON.stringify(me)).toContain("ml_lead");

  await page.getByText("Maren Okafor of ID").first().click();
  await page.getByRole("button", { name: "Sign out" }).click();
  // The provider asks whether to end its own session, and leads back.
  await page.getByRole("button", { name: /sign me out/i }).click();
  await expect(page).toHaveURL(/\/sign-in/);
  expect((await page.request.get("/api/v1/session")).status()).toBe(401);
});

test("somebody whose address the provider does not vouch for is told that there is no account", async ({ page }) => {
  await signInAtProvider(page, "nobody");
  await expect(page).toHaveURL(/\/sign-in\?error=forbidden/);
  await expect(page.getByRole("alert").filter({ hasText: "There is no account for you here" })).toBeVisible();
});

test("an administrator sees how it is set up; makes a service account and its token, which is shown once", async ({ page }) => {
  await page.goto(await newSignInLink());
  await page.getByRole("button", { name: /^Sign in as/ }).click();
  await expect(page).toHaveURL(/\/inbox/);
  const headers = { "sec-fetch-site": "same-origin" };
  expect((await page.request.post("/api/v1/session/switch", { headers, data: { email: "admin@demo" } })).status()).toBe(200);
  await page.goto("/settings/single-sign-on");
  await expect(page.getByText("The provider answers with its configuration.")).toBeVisible();
  await expect(page.getByText(`${product().url}/api/auth/callback/oidc`)).toBeVisible();

  await page.goto("/settings/service-accounts");
  await page.getByLabel("Which program it is for").fill("Nightly training");
  await page.getByRole("button", { name: "Make account" }).click();
  await page.getByLabel(/New token for Nightly training/).fill("ci");
  await page.getByRole("button", { name: "Make token" }).click();
  const secret = await page.locator(".secret-once code").textContent();
  expect(secret).toMatch(/^slp_[0-9A-Za-z]{36}$/);
  const answer = await page.request.get("/api/v1/models", { headers: { authorization: `Bearer ${secret ?? ""}` } });
  expect(answer.status()).toBe(200);
  await page.reload();
  await expect(page.getByText("ci", { exact: false }).first()).toBeVisible();
  expect(await page.content()).not.toContain(secret);
});
