import { postJobResult } from "#lib/contracts/api/runtime-operations.ts";
import { route } from "#lib/api/route.ts";

export const POST = route(postJobResult, async ({ app, actor, params, body }) => ({
  body: await app.runtimes.recordJobResult(actor, { jobId: params.jobId, result: body }),
}));
