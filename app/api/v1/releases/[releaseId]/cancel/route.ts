import { cancelRelease } from "#lib/contracts/api/release-operations.ts";
import { route } from "#lib/api/route.ts";

export const POST = route(cancelRelease, async ({ app, actor, params, body, ifMatch }) => ({
  body: await app.releases.cancelRelease(actor, {
    releaseId: params.releaseId,
    expectedRowVersion: ifMatch,
    body,
  }),
}));
