import { toPersonView } from "#lib/api/people-views.ts";
import { route } from "#lib/api/route.ts";
import { revokeRole } from "#lib/contracts/api/people-operations.ts";

export const DELETE = route(revokeRole, async ({ app, actor, params }) => ({
  body: toPersonView(await app.people.revokeRole(actor, params)),
}));
