import { viewNewRelease } from "#lib/contracts/api/view-operations.ts";
import { route } from "#lib/api/route.ts";

export const GET = route(viewNewRelease, async ({ app, actor, query }) => ({
  body: await app.views.readNewRelease(actor, query),
}));
