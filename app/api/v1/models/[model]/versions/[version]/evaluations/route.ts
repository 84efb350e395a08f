import { createEvaluation, listEvaluations } from "#lib/contracts/api/evaluation-operations.ts";
import { route } from "#lib/api/route.ts";

export const GET = route(listEvaluations, async ({ app, actor, params }) => ({ body: await app.evaluations.listEvaluations(actor, params) }));
export const POST = route(createEvaluation, async ({ app, actor, params, body }) => ({ body: await app.evaluations.createEvaluation(actor, { ...params, ...body }) }));
