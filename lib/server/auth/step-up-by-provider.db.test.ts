import { afterAll, beforeAll, expect, test } from "vitest";
import { TEST_CONTEXT, type TestApp, testApp } from "../test-app.ts";

let started: TestApp;
beforeAll(async () => {
  started = await testApp({
    variables: { SLIPWAY_OIDC_ISSUER: "https://id.example.com", SLIPWAY_OIDC_CLIENT_ID: "slipway", SLIPWAY_OIDC_CLIENT_SECRET: "s", SLIPWAY_OIDC_ROLE_MAP: "*=ml_lead" },
  });
});
afterAll(() => started.close());

const DIGEST = `sha256:${"a".repeat(64)}`;
const ACT = { action: "approve-release", digest: DIGEST } as const;

async function actorOf(authTime: number | null) {
  const { app } = started;
  const identity = { issuer: "https://id.example.com", subject: "maren", email: "maren@example.com", emailVerified: true, name: "Maren", groups: [], authTime };
  const { sessionId } = await app.auth.signInWithOidc(identity, TEST_CONTEXT);
  return app.auth.fromSession(sessionId, TEST_CONTEXT, true);
}
const nowSeconds = (): number => Math.floor(Date.now() / 1000);

test("whoever has just proved themselves at the provider gets a grant that signs, and the trail says by what", async () => {
  const actor = await actorOf(nowSeconds());
  const { grant } = await started.app.auth.stepUp(actor, ACT);
  const spend = { id: grant, userId: actor.userId ?? "", sessionId: actor.sessionId ?? "", ...ACT };
  const spent = await Promise.all(
    Array.from({ length: 5 }, () =>
      started.app.store.write(async ({ uow, appendAudit }) => {
        const method = await uow.signatures.spendStepUpGrant(spend);
        await appendAudit({ drafts: [{ action: "session.reauthenticated", targets: [] }], actor, context: actor.context, forceCheckpoint: false });
        return method;
      }),
    ),
  );
  expect(spent.filter((method) => method !== null)).toEqual(["provider"]);
});

test.each([["does not say when", () => null], ["asked for it too long ago", () => nowSeconds() - 3600], ["claims a time to come", () => nowSeconds() + 3600]])(
  "a provider that %s gives no grant",
  async (_why, when) => {
    const actor = await actorOf(when());
    await expect(started.app.auth.stepUp(actor, ACT)).rejects.toMatchObject({ code: "step_up_required" });
  },
);
