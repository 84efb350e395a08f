import { promoteRelease } from "#lib/contracts/api/release-operations.ts";
import { route } from "#lib/api/route.ts";

export const POST = route(promoteRelease, async ({ app, actor, params, body, ifMatch }) => ({
  body: await app.releases.promoteRelease(actor, {
    releaseId: params.releaseId,
    expectedRowVersion: ifMatch,
    body,
  }),
}));
