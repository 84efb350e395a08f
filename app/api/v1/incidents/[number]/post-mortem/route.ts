import { writePostMortem } from "#lib/contracts/api/incident-operations.ts";
import { route } from "#lib/api/route.ts";

export const POST = route(writePostMortem, async ({ app, actor, params, body }) => ({
  body: await app.incidents.writePostMortem(actor, { number: params.number, body }),
}));
