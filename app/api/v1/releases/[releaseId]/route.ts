import { getRelease } from "#lib/contracts/api/release-operations.ts";
import { route } from "#lib/api/route.ts";

export const GET = route(getRelease, async ({ app, actor, params }) => {
  const body = await app.views.readReleaseView(actor, params.releaseId);
  return { body, headers: { etag: `"${body.rowVersion}"` } };
});
