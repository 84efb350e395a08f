import { holdRelease } from "#lib/contracts/api/release-operations.ts";
import { route } from "#lib/api/route.ts";

export const POST = route(holdRelease, async ({ app, actor, params, body, ifMatch }) => ({
  body: await app.releases.holdRelease(actor, {
    releaseId: params.releaseId,
    expectedRowVersion: ifMatch,
    body,
  }),
}));
