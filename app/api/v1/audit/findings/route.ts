import { raiseFinding } from "#lib/contracts/api/review-operations.ts";
import { route } from "#lib/api/route.ts";

export const POST = route(raiseFinding, async ({ app, actor, body }) => ({ body: await app.review.raiseFinding(actor, body) }));
