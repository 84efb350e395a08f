import { tickEvaluation } from "#lib/contracts/api/evaluation-runtime-operations.ts";
import { route } from "#lib/api/route.ts";

export const POST = route(tickEvaluation, async ({ app, actor, params, body }) => ({ body: await app.evaluations.tickEvaluation(actor, params.evaluationId, body) }));
