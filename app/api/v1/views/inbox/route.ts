import { viewInbox } from "#lib/contracts/api/view-operations.ts";
import { route } from "#lib/api/route.ts";

export const GET = route(viewInbox, async ({ app, actor, query }) => ({
  body: await app.views.readInboxView(actor, query),
}));
