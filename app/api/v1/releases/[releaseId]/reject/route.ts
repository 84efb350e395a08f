import { rejectRelease } from "#lib/contracts/api/release-operations.ts";
import { route } from "#lib/api/route.ts";

export const POST = route(rejectRelease, async ({ app, actor, params, body, ifMatch }) => ({
  body: await app.releases.rejectRelease(actor, {
    releaseId: params.releaseId,
    expectedRowVersion: ifMatch,
    body,
  }),
}));
