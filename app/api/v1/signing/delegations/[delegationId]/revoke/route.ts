import { revokeDelegation } from "#lib/contracts/api/signing-operations.ts";
import { route } from "#lib/api/route.ts";

export const POST = route(revokeDelegation, async ({ app, actor, params }) => ({ body: await app.signing.revokeDelegation(actor, params) }));
