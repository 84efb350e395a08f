import { toPersonView } from "#lib/api/people-views.ts";
import { route } from "#lib/api/route.ts";
import { disablePerson } from "#lib/contracts/api/people-operations.ts";

export const POST = route(disablePerson, async ({ app, actor, params, body }) => ({
  body: toPersonView(await app.people.disablePerson(actor, { ...params, ...body })),
}));
