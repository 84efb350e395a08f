import { postEvaluationResult } from "#lib/contracts/api/evaluation-runtime-operations.ts";
import { route } from "#lib/api/route.ts";

export const POST = route(postEvaluationResult, async ({ app, actor, params, body }) => ({
  body: await app.evaluations.recordEvaluation(actor, { evaluationId: params.evaluationId, result: body }),
}));
