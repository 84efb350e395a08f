import { viewRelease } from "#lib/contracts/api/view-operations.ts";
import { route } from "#lib/api/route.ts";

export const GET = route(viewRelease, async ({ app, actor, params }) => {
  const body = await app.views.readReleaseView(actor, params);
  return { body, headers: { etag: `"${body.rowVersion}"` } };
});
