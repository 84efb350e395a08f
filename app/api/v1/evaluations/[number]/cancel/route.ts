import { cancelEvaluation } from "#lib/contracts/api/evaluation-operations.ts";
import { route } from "#lib/api/route.ts";

export const POST = route(cancelEvaluation, async ({ app, actor, params, body }) => ({ body: await app.evaluations.cancelEvaluation(actor, { ...params, ...body }) }));
