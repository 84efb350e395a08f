import { recordResults } from "#lib/contracts/api/review-operations.ts";
import { route } from "#lib/api/route.ts";

export const POST = route(recordResults, async ({ app, actor, params, body }) => ({ body: await app.review.recordResults(actor, { ...params, body }) }));
