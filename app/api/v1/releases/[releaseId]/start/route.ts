import { startRelease } from "#lib/contracts/api/release-operations.ts";
import { route } from "#lib/api/route.ts";

export const POST = route(startRelease, async ({ app, actor, params, body, ifMatch }) => ({
  body: await app.releases.startRelease(actor, {
    releaseId: params.releaseId,
    expectedRowVersion: ifMatch,
    body,
  }),
}));
