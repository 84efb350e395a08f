import AxeBuilder from "@axe-core/playwright";
import { expect, test } from "@playwright/test";
import { newSignInLink } from "./product.ts";

const PAGES = [
  "/inbox",
  "/releases",
  "/releases/1",
  "/releases/2",
  "/releases/new",
  "/models",
  "/models/digits",
  "/models/digits/versions/1.1.0",
  "/models/new",
  "/endpoints",
  "/endpoints/digits",
  "/endpoints/new",
  "/batch",
  "/batch/new",
  "/streams",
  "/streams/new",
  "/targets",
  "/devices",
  "/audit",
  "/audit/work-papers",
  "/incidents",
  "/incidents/new",
  "/runbooks",
  "/runbooks/new",
  "/settings/tokens",
  "/settings/single-sign-on",
  "/settings/service-accounts",
  "/docs/api",
  "/models/digits/versions/1.1.0/card",
  "/models/digits/versions/1.1.0/scan",
  "/models/digits/versions/1.1.0/evaluations",
  "/models/digits/compare?from=1.0.0&to=1.1.0",
  "/endpoints/digits/monitoring",
  "/endpoints/digits/monitoring/rules",
  "/endpoints/digits/service-level",
  "/endpoints/digits/runtime-configuration",
  "/endpoints/digits/drills",
  "/endpoints/digits/load-tests",
  "/alerts",
  "/settings/channels",
  "/settings/signing",
  "/settings/retention",
  "/assurance",
  "/models/credit-default/versions/1.0.0/documents/declaration-of-conformity",
  "/models/credit-default/versions/1.0.0/documents/fundamental-rights-impact-assessment",
  "/models/credit-default/versions/1.0.0/documents/post-market-monitoring-plan",
  "/models/credit-default/versions/1.0.0/documents/change-plan",
];

for (const theme of ["light", "dark"] as const) {
  test(`every page passes axe (WCAG 2.2 AA) in the ${theme} theme`, async ({ browser, baseURL }) => {
    test.setTimeout(300_000);
    const context = await browser.newContext({ colorScheme: theme, ...(baseURL === undefined ? {} : { baseURL }) });
    const page = await context.newPage();
    await page.goto("/sign-in");
    const found: string[] = [];
    const check = async (path: string): Promise<void> => {
      const { violations } = await new AxeBuilder({ page }).withTags(["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]).analyze();
      for (const { id, nodes } of violations) found.push(`${path} ${id}: ${nodes.map(({ target }) => target.join(" ")).slice(0, 3).join(", ")}`);
    };
    await check("/sign-in");
    await page.goto(await newSignInLink());
    await page.getByRole("button", { name: /^Sign in as/ }).click();
    await expect(page).toHaveURL(/\/inbox/);
    for (const path of PAGES) {
      await page.goto(path);
      await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
      await check(path);
    }
    await context.close();
    expect(found).toEqual([]);
  });
}
