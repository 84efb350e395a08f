import { route } from "#lib/api/route.ts";
import { getSignOut } from "#lib/contracts/api/session-operations.ts";

export const GET = route(getSignOut, async ({ app, actor }) => ({ body: { url: await app.providerSignOut(actor) } }));
