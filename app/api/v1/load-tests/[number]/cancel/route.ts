import { cancelLoadTest } from "#lib/contracts/api/load-test-operations.ts";
import { route } from "#lib/api/route.ts";

export const POST = route(cancelLoadTest, async ({ app, actor, params, body }) => ({ body: await app.loadTests.cancelLoadTest(actor, { ...params, ...body }) }));
