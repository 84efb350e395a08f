import { postLoadTestResult } from "#lib/contracts/api/load-test-runtime-operations.ts";
import { route } from "#lib/api/route.ts";

export const POST = route(postLoadTestResult, async ({ app, actor, params, body }) => ({ body: await app.loadTests.recordLoadTest(actor, { loadTestId: params.loadTestId, result: body }) }));
