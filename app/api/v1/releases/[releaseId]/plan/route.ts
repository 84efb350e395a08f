import { changePlan } from "#lib/contracts/api/release-operations.ts";
import { route } from "#lib/api/route.ts";

export const POST = route(changePlan, async ({ app, actor, params, body, ifMatch }) => ({
  body: await app.releases.changePlan(actor, {
    releaseId: params.releaseId,
    expectedRowVersion: ifMatch,
    body,
  }),
}));
