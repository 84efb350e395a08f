import { toPersonView } from "#lib/api/people-views.ts";
import { route } from "#lib/api/route.ts";
import { enablePerson } from "#lib/contracts/api/people-operations.ts";

export const POST = route(enablePerson, async ({ app, actor, params }) => ({
  body: toPersonView(await app.people.enablePerson(actor, params)),
}));
