import { getWorkPaper } from "#lib/contracts/api/review-operations.ts";
import { route } from "#lib/api/route.ts";

export const GET = route(getWorkPaper, async ({ app, actor, params }) => ({ body: await app.reviewDesk.read(actor, params.number) }));
