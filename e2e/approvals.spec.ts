import { expect, test, type Locator } from "@playwright/test";
import { newReleaseView } from "#lib/contracts/views/new-release-view.ts";
import { liveReleases, OPEN_POLICY, type LiveReleases } from "./live-releases.ts";

/** Approvals as people meet them: what is signed, who may not, what makes a signature void, and fifty presses at once. Two signatures are needed here. */

const REASON = "Evaluation and drift read, both inside their limits.";
const MEANING = "I reviewed the evidence and it supports this release.";
let live: LiveReleases;
let signed: number;

test.describe.configure({ mode: "serial" });

test.beforeAll(async ({ browser }) => {
  live = await liveReleases(browser, { "approval-lab": { ...OPEN_POLICY, approvalsRequired: 2, approverRoles: ["ml_lead", "compliance"] } });
  for (const name of ["signed-forms", "own-forms"]) await live.endpoint(name, "1.0.0", "approval-lab");
});
test.afterAll(() => live.close());

const approvals = (): Locator => live.page.getByRole("region", { name: "Approvals" });
const approve = (): Locator => live.page.getByRole("button", { name: "Approve", exact: true });
const signaturesOf = (name: string): Locator => approvals().getByRole("row").filter({ hasText: name });

async function sign(): Promise<void> {
  await approve().click();
  const dialog = live.page.getByRole("dialog");
  await dialog.getByRole("radio", { name: new RegExp(MEANING, "i") }).check();
  await dialog.getByLabel("Reason").fill(REASON);
  await dialog.getByRole("button", { name: "Sign and approve" }).click();
  await expect(dialog).toBeHidden();
}

/** The engineer's other plan, before the start. */
async function changePlan(number: number, bakeSeconds: number): Promise<void> {
  const { releaseId, plan } = await live.read(number);
  await live.post(`/api/v1/releases/${releaseId}/plan`, { plan: { ...plan, bakeSeconds }, reason: "A longer look at it afterwards." });
}

/** Many requests at once from the browser's own session, as if a button were pressed that often; answers their status and code. */
function press(path: string, body: unknown, times: number): Promise<readonly { readonly status: number; readonly text: string }[]> {
  return live.page.evaluate(
    ([to, json, count]) =>
      Promise.all(
        Array.from({ length: count }, async () => {
          const headers = { "content-type": "application/json", "idempotency-key": crypto.randomUUID() };
          const answer = await fetch(to, { method: "POST", headers, body: json });
          return { status: answer.status, text: await answer.text() };
        }),
      ),
    [path, JSON.stringify(body), times] as const,
  );
}

test("a signature asks for its meaning and a reason, and stands on the page with both and the digest", async () => {
  signed = await live.release("signed-forms", "1.1.0", "canary");
  await live.open(signed);
  await approve().click();
  const dialog = live.page.getByRole("dialog");
  const { approvals: bound } = await live.read(signed);
  await expect(dialog).toContainText(bound.boundDigest ?? "nothing is bound");
  await dialog.getByRole("button", { name: "Sign and approve" }).click();
  await expect(dialog).toContainText("Choose what your signature means.");
  await expect(dialog).toContainText("0 of at least 10 characters");
  await dialog.getByRole("button", { name: "Not now" }).click();

  await sign();
  const row = signaturesOf("Maren Okafor");
  await expect(row).toContainText(new RegExp(MEANING, "i"));
  await expect(row).toContainText(REASON);
  await expect(approvals()).toContainText("1 of 2");
  await expect(live.page.locator("#why-not")).toContainText("You have approved this plan and evidence already.");
});

test("another plan makes the signature void, said with the cause; what was open meanwhile is not signed", async () => {
  await changePlan(signed, 60);
  const row = signaturesOf("Maren Okafor");
  await expect(row).toContainText("Void: The plan was changed after signing.");
  await expect(row.locator("s")).toContainText(new RegExp(MEANING, "i"));
  await expect(approvals()).toContainText("0 of 2");

  await approve().click();
  const dialog = live.page.getByRole("dialog");
  await changePlan(signed, 120);
  await expect(dialog.getByRole("alert")).toContainText("Plan or evidence changed while this was open.");
  await expect(dialog.getByRole("button", { name: "Sign and approve" })).toHaveAttribute("aria-disabled", "true");
  await dialog.getByRole("button", { name: "Not now" }).click();

  await sign();
  await expect(approvals()).toContainText("1 of 2");
  await expect(signaturesOf("Maren Okafor")).toHaveCount(2);
});

test("new evidence makes it void as well, and says so", async () => {
  await live.post("/api/v1/evidence", {
    kind: "sensitivity_stress_report",
    subject: { type: "version", model: "digits", version: "1.1.0" },
    details: { scenarios: 12, scenariosOutside: 0 },
    statement: "Twelve scenarios of blurred and turned digits were run; all stayed inside.",
  });
  await expect(signaturesOf("Maren Okafor").filter({ hasText: "The evidence changed after signing." })).toHaveCount(1);
  await expect(approvals()).toContainText("0 of 2");
});

test("of fifty approvals at once exactly one counts, and the second person's completes them", async () => {
  const { page } = live;
  const { releaseId, approvals: bound } = await live.read(signed);
  const body = { meaning: "fit_for_use", reason: REASON, digest: bound.boundDigest };
  const answers = await press(`/api/v1/releases/${releaseId}/approve`, body, 50);
  expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
  expect([...new Set(answers.filter(({ status }) => status !== 200).map(({ status }) => status))]).toEqual([409]);
  await expect(approvals()).toContainText("1 of 2");
  await expect(page.getByText("2 approvals are void, 1 of 2 given anew.").first()).toBeVisible();
  expect((await live.read(signed)).approvals.rows.filter(({ voidedAt }) => voidedAt === null)).toHaveLength(1);

  await page.locator("summary").filter({ hasText: "Maren Okafor" }).click();
  await page.getByRole("button", { name: /Ruth Keller/ }).click();
  await expect(page.locator("summary").filter({ hasText: "Ruth Keller" })).toBeVisible();
  await live.open(signed);
  await sign();
  await expect(approvals()).toContainText("2 of 2");
  await page.locator("summary").filter({ hasText: "Ruth Keller" }).click();
  await page.getByRole("button", { name: /Maren Okafor/ }).click();
  await expect(page.locator("summary").filter({ hasText: "Maren Okafor" })).toBeVisible();
});

test("nobody approves their own release: the button is closed with the reason, and the request is refused with the same words", async () => {
  const { page } = live;
  const refusal = "Nobody approves or promotes their own version or release.";
  const form = newReleaseView.parse(await (await page.request.get("/api/v1/views/releases/new?endpoint=own-forms")).json());
  const plan = form.chosen?.strategies.find(({ name }) => name === "canary")?.plan;
  const [made] = await press("/api/v1/releases", { endpoint: "own-forms", version: "1.1.0", strategy: "canary", plan, reason: "Made by the one who looks at it." }, 1);
  expect(made?.status, made?.text).toBe(201);
  const { number } = JSON.parse(made?.text ?? "{}") as { number: number };
  await live.open(number);
  await expect(approve()).toHaveAttribute("aria-disabled", "true");
  await expect(page.locator("#why-not")).toContainText(refusal);

  const { releaseId, approvals: bound } = await live.read(number);
  const [refused] = await press(`/api/v1/releases/${releaseId}/approve`, { meaning: "fit_for_use", reason: REASON, digest: bound.boundDigest }, 1);
  expect(refused?.status).toBe(403);
  expect(refused?.text).toContain(refusal);
  await page.reload();
  await expect(approvals()).toContainText("Nobody has signed yet");
});
