import { route } from "#lib/api/route.ts";
import { createFirstAdministrator } from "#lib/contracts/api/session-operations.ts";

export const POST = route(createFirstAdministrator, async ({ app, body, context }) => ({
  body: await app.auth.createFirstAdministrator(body, context),
}));
