import { submitRelease } from "#lib/contracts/api/release-operations.ts";
import { route } from "#lib/api/route.ts";

export const POST = route(submitRelease, async ({ app, actor, params, body, ifMatch }) => ({
  body: await app.releases.submitRelease(actor, {
    releaseId: params.releaseId,
    expectedRowVersion: ifMatch,
    body,
  }),
}));
