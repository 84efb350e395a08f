import { toCreatedTokenView } from "#lib/api/people-views.ts";
import { route } from "#lib/api/route.ts";
import { createServiceToken } from "#lib/contracts/api/people-operations.ts";

export const POST = route(createServiceToken, async ({ app, actor, params, body }) => ({
  body: toCreatedTokenView(await app.people.createServiceToken(actor, { ...body, ...params })),
}));
