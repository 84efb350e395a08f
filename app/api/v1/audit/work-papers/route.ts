import { drawWorkPaper, listReview } from "#lib/contracts/api/review-operations.ts";
import { route } from "#lib/api/route.ts";

export const GET = route(listReview, async ({ app, actor }) => ({ body: await app.reviewDesk.list(actor) }));

export const POST = route(drawWorkPaper, async ({ app, actor, body }) => ({ body: await app.reviewDesk.draw(actor, body) }));
