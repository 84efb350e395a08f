import { breakGlass } from "#lib/contracts/api/signing-operations.ts";
import { route } from "#lib/api/route.ts";

export const POST = route(breakGlass, async ({ app, actor, params, body }) => ({ body: await app.signing.breakGlass(actor, { ...params, body }) }));
