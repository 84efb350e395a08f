import { resumeRelease } from "#lib/contracts/api/release-operations.ts";
import { route } from "#lib/api/route.ts";

export const POST = route(resumeRelease, async ({ app, actor, params, body, ifMatch }) => ({
  body: await app.releases.resumeRelease(actor, {
    releaseId: params.releaseId,
    expectedRowVersion: ifMatch,
    body,
  }),
}));
