import { route } from "#lib/api/route.ts";
import { acceptInvitation } from "#lib/contracts/api/session-operations.ts";

export const POST = route(acceptInvitation, async ({ app, body, context }) => ({
  body: await app.auth.acceptInvitation(body, context),
}));
