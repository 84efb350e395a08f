import { changeSigningRules, getSigningRules } from "#lib/contracts/api/signing-operations.ts";
import { route } from "#lib/api/route.ts";

export const GET = route(getSigningRules, async ({ app, actor }) => ({ body: await app.signing.readSigningRules(actor, {}) }));

export const POST = route(changeSigningRules, async ({ app, actor, body }) => ({ body: await app.signing.changeSigningRules(actor, body) }));
