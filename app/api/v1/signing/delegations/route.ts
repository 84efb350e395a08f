import { delegate, listDelegations } from "#lib/contracts/api/signing-operations.ts";
import { route } from "#lib/api/route.ts";

export const GET = route(listDelegations, async ({ app, actor }) => ({ body: await app.signing.listDelegations(actor, {}) }));

export const POST = route(delegate, async ({ app, actor, body }) => ({ body: await app.signing.delegate(actor, body) }));
