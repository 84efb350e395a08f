import { expect, test, type Locator } from "@playwright/test";
import { liveReleases, OPEN_POLICY, type Callers, type LiveReleases } from "./live-releases.ts";

/** Each strategy and each way of ending, live: real versions, real callers, a person in the browser. The canary's own story is demo-story.spec.ts. */

const REASON = "Seen and decided in a test.";
let live: LiveReleases;
let green: Callers;
let mirrored: Callers;
let champion: Callers;
let quick: Callers;
let silent: Callers;

test.describe.configure({ mode: "serial" });

test.beforeAll(async ({ browser }) => {
  live = await liveReleases(browser, {
    "strategy-lab": OPEN_POLICY,
    "strategy-signed": { ...OPEN_POLICY, approvalsRequired: 1 },
  });
  green = await live.endpoint("lab-green", "1.0.0", "strategy-lab");
  mirrored = await live.endpoint("lab-mirrored", "1.0.0", "strategy-lab");
  champion = await live.endpoint("lab-champion", "2.0.0", "strategy-lab");
  quick = await live.endpoint("lab-quick", "1.0.0", "strategy-lab");
  silent = await live.endpoint("lab-silent", "1.0.0", "strategy-lab");
  await live.endpoint("lab-signed", "1.0.0", "strategy-signed");
});
test.afterAll(() => live.close());

const status = (): Locator => live.page.getByRole("heading", { level: 1 });
const verdict = (): Locator => live.page.locator("#verdict");

/** An act from the action bar, with its dialog. */
async function act(button: RegExp, confirm: string): Promise<void> {
  await live.page.getByRole("button", { name: button }).first().click();
  await sign(confirm);
}

async function actFromMore(item: RegExp, confirm: string): Promise<void> {
  await live.page.locator("summary", { hasText: "More" }).click();
  await live.page.getByRole("button", { name: item }).click();
  await sign(confirm);
}

async function sign(confirm: string): Promise<void> {
  const dialog = live.page.getByRole("dialog");
  await dialog.getByLabel("Reason").fill(REASON);
  await dialog.getByRole("button", { name: confirm }).click();
  await expect(dialog).toBeHidden();
}

test("blue-green: golden inputs through the preview, one switch by a person, and one press back without a failed request", async () => {
  const { page } = live;
  green.start();
  const number = await live.release("lab-green", "1.1.0", "blue_green", { bakeSeconds: 600 });
  await live.open(number);
  await expect(status()).toContainText("Awaiting a person");
  await expect(page.locator("#preview")).toContainText(/(\d+) of \1 golden inputs answered as expected/);

  // Nobody meets it but who asks for it.
  const { releaseId } = await live.read(number);
  expect((await live.ask("lab-green")).get("slipway-version")).toBe("1.0.0");
  expect((await live.ask("lab-green", { "slipway-preview": releaseId })).get("slipway-version")).toBe("1.1.0");

  await act(/^Switch all traffic/, "Switch all traffic");
  await expect(status()).toContainText("Live, baking");
  expect((await live.ask("lab-green")).get("slipway-version")).toBe("1.1.0");

  // Pressed for a second: no dialog, the reason follows.
  await page.getByRole("button", { name: "Roll back to 1.0.0" }).first().click({ delay: 1000 });
  await expect(status()).toContainText("Rolled back");
  await expect(page.getByText(/Back on 1\.0\.0 in \d/).first()).toBeVisible();
  expect((await live.ask("lab-green")).get("slipway-version")).toBe("1.0.0");
  const met = green.stop();
  expect(met.failed).toBe(0);
  expect(met.sent).toBeGreaterThan(100);
});

test("a challenger is compared pair by pair and ended by a person: its copy of the traffic stops, callers notice nothing", async () => {
  const { page } = live;
  mirrored.start();
  const number = await live.release("lab-mirrored", "2.0.0", "shadow");
  await live.open(number);
  await expect(status()).toContainText("Awaiting a person");
  const pairs = page.getByRole("region", { name: "Paired answers" });
  await expect(pairs).toContainText(/Both versions agree on \d/);
  // 2.0.0 has hardly seen 7, 8 and 9: rows in which the two say something else come first.
  await expect(pairs.getByRole("row").nth(1)).not.toContainText("same");

  await actFromMore(/^End the challenger/, "End the challenger");
  await expect(status()).toContainText("Challenger deprecated");
  await expect(verdict()).toContainText("stopped on every runtime");
  const { byStrategy } = await live.read(number);
  const met = mirrored.stop();
  expect(met.failed).toBe(0);
  expect(Object.keys(met.answered)).toEqual(["stable"]);
  expect(byStrategy.paired?.unitsDisagreed).toBeGreaterThan(0);
});

test("a challenger goes on to a canary and is promoted on proof", async () => {
  mirrored.start();
  const number = await live.release("lab-mirrored", "1.1.0", "shadow");
  await live.open(number);
  await expect(status()).toContainText("Awaiting a person");
  await act(/^Go on: 10/, "Begin the steps");
  await expect(status()).toContainText("Completed", { timeout: 60_000 });
  const met = mirrored.stop();
  expect(met.failed).toBe(0);
  expect(met.answered["candidate"]).toBeGreaterThan(50);
  const { steps, decided } = await live.read(number);
  expect(steps.map(({ phase }) => phase)).toEqual(["done", "done"]);
  expect(decided).not.toBeNull();
  expect((await live.ask("lab-mirrored")).get("slipway-version")).toBe("1.1.0");
});

test("A/B: the version with fewer wrong labels is proven better and promoted", async () => {
  champion.start();
  const number = await live.release("lab-champion", "1.1.0", "ab");
  await live.open(number);
  await expect(status()).toContainText("Completed", { timeout: 60_000 });
  await expect(live.page.getByRole("region", { name: "Outcome", exact: true })).toContainText("Proven better");
  expect(champion.stop().failed).toBe(0);
  expect((await live.ask("lab-champion")).get("slipway-version")).toBe("1.1.0");
});

test("A/B: the version with more wrong labels is taken back by its outcome", async () => {
  champion.start();
  const number = await live.release("lab-champion", "2.0.0", "ab");
  await live.open(number);
  await expect(status()).toContainText("Rolled back", { timeout: 60_000 });
  await expect(live.page.getByText(/by its outcome: outcome proven worse/).first()).toBeVisible();
  await expect(live.page.getByRole("region", { name: "Outcome", exact: true })).toContainText("Proven worse");
  expect(champion.stop().failed).toBe(0);
});

test("all at once: from the form to everybody where the policy allows it, and closed with the reason where it does not", async () => {
  const { page } = live;
  quick.start();
  await newRelease("digits");
  await expect(page.getByRole("radio", { name: /^All at once/ })).toBeDisabled();
  await expect(page.getByText("This environment's policy does not allow it.").first()).toBeVisible();

  await newRelease("lab-quick");
  await page.getByRole("radio", { name: /^1\.1\.0/ }).check();
  await page.getByRole("radio", { name: /^All at once/ }).check();
  await page.getByRole("button", { name: "Look ahead" }).click();
  const ahead = page.getByRole("region", { name: "What would happen now" });
  await expect(ahead).toContainText("It would start at once");
  await expect(ahead.getByRole("row", { name: /^Approval/ })).toContainText("This environment asks for none.");
  await page.getByRole("button", { name: "Make the release" }).click();
  await expect(page).toHaveURL(/\/releases\/\d+$/);
  await expect(status()).toContainText("Completed", { timeout: 30_000 });
  expect((await live.ask("lab-quick")).get("slipway-version")).toBe("1.1.0");
  expect(quick.stop().failed).toBe(0);
});

test("a canary whose callers fall silent holds, says what is missing, and goes back when its time is over", async () => {
  silent.start();
  const number = await live.release("lab-silent", "1.1.0", "canary", {
    steps: [
      { weightBp: 1_000, dwellSeconds: 1, minUnits: 1_000_000, advance: "no-harm" },
      { weightBp: 5_000, dwellSeconds: 1, minUnits: 50, advance: "safe" },
    ],
    graceSeconds: 2,
    maxStepSeconds: 20,
    onTimeout: "roll_back",
  });
  await live.open(number);
  await expect(status()).toContainText(/Running|Holding/, { timeout: 60_000 });
  silent.stop();
  await expect(status()).toContainText("Holding");
  await expect(verdict()).toContainText(/of 1,000,000 \w+ served by the candidate/);
  await expect(status()).toContainText("Rolled back", { timeout: 30_000 });
  await expect(live.page.getByText(/Undecided after 20 s at this step/).first()).toBeVisible();
});

test("a release that waits for approval is rejected by one person, and another one cancelled", async () => {
  const rejected = await live.release("lab-signed", "1.1.0", "canary");
  await live.open(rejected);
  await expect(status()).toContainText("Awaiting approval");
  await actFromMore(/^Reject/, "Reject");
  await expect(status()).toContainText("Rejected");

  const cancelled = await live.release("lab-signed", "1.1.0", "canary");
  await live.open(cancelled);
  await actFromMore(/^Cancel/, "Cancel the release");
  await expect(status()).toContainText("Cancelled");
  await expect(verdict()).toContainText(REASON);
});

test("a newer release from the form takes the place of one that is under way; stopped before anybody met it, it ends as aborted", async () => {
  const { page } = live;
  const older = await live.release("lab-green", "1.1.0", "blue_green");
  await live.until(older, "AWAITING_GATE");
  await newRelease("lab-green");
  await page.getByRole("checkbox", { name: new RegExp(`^End release ${String(older)}`) }).check();
  await page.getByRole("radio", { name: /^2\.0\.0/ }).check();
  await page.getByRole("radio", { name: /^Blue-green/ }).check();
  await page.getByRole("button", { name: "Make the release" }).click();
  await expect(page).toHaveURL(new RegExp(`/releases/(?!${String(older)}$)\\d+$`));
  await expect(status()).toContainText("Awaiting a person");
  await live.until(older, "SUPERSEDED");

  await page.getByRole("button", { name: "Roll back to 1.0.0" }).first().click();
  const dialog = page.getByRole("dialog");
  await dialog.getByRole("radio", { name: "Business decision" }).check();
  await dialog.getByLabel("In your words").fill(REASON);
  await dialog.getByRole("button", { name: /^Roll back to/ }).click();
  await expect(status()).toContainText("Aborted");
  await live.open(older);
  await expect(status()).toContainText("Superseded");
});

test("a rollback drill is found by its guards, taken back and counted as evidence", async () => {
  const { page } = live;
  await page.goto("/endpoints/lab-silent/drills");
  await expect(page.getByText(/^Live, /)).toBeVisible();
  await page.getByLabel("Candidate that is to fail").selectOption("1.1.0");
  await page.getByRole("button", { name: "Run the drill" }).click();
  await expect(page.getByRole("region", { name: "History" }).getByRole("row", { name: /Passed/ })).toBeVisible({ timeout: 60_000 });
  await expect(page.getByText(/^The last drill passed/)).toBeVisible();
});

async function newRelease(endpoint: string): Promise<void> {
  await live.page.goto(`/releases/new?endpoint=${endpoint}`);
  await expect(live.page.getByText(/^Live, /)).toBeVisible();
}
