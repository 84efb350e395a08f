import { toLinkView } from "#lib/api/people-views.ts";
import { route } from "#lib/api/route.ts";
import { createPersonLink } from "#lib/contracts/api/people-operations.ts";

export const POST = route(createPersonLink, async ({ app, actor, params }) => ({
  body: toLinkView(app, await app.people.createInvitationLink(actor, params)),
}));
