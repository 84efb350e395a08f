import { closeFinding } from "#lib/contracts/api/review-operations.ts";
import { route } from "#lib/api/route.ts";

export const POST = route(closeFinding, async ({ app, actor, params, body }) => ({ body: await app.review.closeFinding(actor, { ...params, body }) }));
