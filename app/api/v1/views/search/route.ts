import { viewSearch } from "#lib/contracts/api/view-operations.ts";
import { route } from "#lib/api/route.ts";

export const GET = route(viewSearch, async ({ app, actor, query }) => ({
  body: await app.views.search(actor, query),
}));
