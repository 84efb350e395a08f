import { toLinkView, toListedPersonView } from "#lib/api/people-views.ts";
import { route } from "#lib/api/route.ts";
import { invitePerson, listPeople } from "#lib/contracts/api/people-operations.ts";

export const GET = route(listPeople, async ({ app, actor }) => ({
  body: { people: (await app.people.listPeople(actor, {})).map(toListedPersonView) },
}));

export const POST = route(invitePerson, async ({ app, actor, body }) => ({
  body: toLinkView(app, await app.people.invitePerson(actor, body)),
}));
