import { tickLoadTest } from "#lib/contracts/api/load-test-runtime-operations.ts";
import { route } from "#lib/api/route.ts";

export const POST = route(tickLoadTest, async ({ app, actor, params, body }) => ({ body: await app.loadTests.tickLoadTest(actor, params.loadTestId, body) }));
