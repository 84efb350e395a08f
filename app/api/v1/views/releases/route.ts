import { viewReleases } from "#lib/contracts/api/view-operations.ts";
import { route } from "#lib/api/route.ts";

export const GET = route(viewReleases, async ({ app, actor, query }) => ({
  body: await app.views.readReleaseList(actor, query),
}));
