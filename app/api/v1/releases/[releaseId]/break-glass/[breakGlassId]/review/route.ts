import { reviewBreakGlass } from "#lib/contracts/api/signing-operations.ts";
import { route } from "#lib/api/route.ts";

export const POST = route(reviewBreakGlass, async ({ app, actor, params, body }) => ({ body: await app.signing.reviewBreakGlass(actor, { ...params, body }) }));
