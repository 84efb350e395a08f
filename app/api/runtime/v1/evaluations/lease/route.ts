import { leaseEvaluation } from "#lib/contracts/api/evaluation-runtime-operations.ts";
import { route } from "#lib/api/route.ts";

export const POST = route(leaseEvaluation, async ({ app, actor, body }) => ({ body: await app.evaluations.leaseEvaluation(actor, body.bootId) }));
