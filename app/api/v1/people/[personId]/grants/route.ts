import { toPersonView } from "#lib/api/people-views.ts";
import { route } from "#lib/api/route.ts";
import { grantRole } from "#lib/contracts/api/people-operations.ts";

export const POST = route(grantRole, async ({ app, actor, params, body }) => ({
  body: toPersonView(await app.people.grantRole(actor, { ...params, ...body })),
}));
