import { getEvaluation } from "#lib/contracts/api/evaluation-operations.ts";
import { route } from "#lib/api/route.ts";

export const GET = route(getEvaluation, async ({ app, actor, params }) => ({ body: await app.evaluations.readEvaluation(actor, params) }));
