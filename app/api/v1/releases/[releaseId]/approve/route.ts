import { approveRelease } from "#lib/contracts/api/release-operations.ts";
import { route } from "#lib/api/route.ts";

export const POST = route(approveRelease, async ({ app, actor, params, body, ifMatch }) => ({
  body: await app.releases.approveRelease(actor, {
    releaseId: params.releaseId,
    expectedRowVersion: ifMatch,
    body,
  }),
}));
