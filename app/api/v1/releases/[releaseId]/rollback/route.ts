import { rollbackRelease } from "#lib/contracts/api/release-operations.ts";
import { route } from "#lib/api/route.ts";

export const POST = route(rollbackRelease, async ({ app, actor, params, body, ifMatch }) => ({
  body: await app.releases.rollbackRelease(actor, {
    releaseId: params.releaseId,
    expectedRowVersion: ifMatch,
    body,
  }),
}));
