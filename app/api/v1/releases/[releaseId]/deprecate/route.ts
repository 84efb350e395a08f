import { deprecateRelease } from "#lib/contracts/api/release-operations.ts";
import { route } from "#lib/api/route.ts";

export const POST = route(deprecateRelease, async ({ app, actor, params, body, ifMatch }) => ({
  body: await app.releases.deprecateRelease(actor, {
    releaseId: params.releaseId,
    expectedRowVersion: ifMatch,
    body,
  }),
}));
