import { getLoadTest } from "#lib/contracts/api/load-test-operations.ts";
import { route } from "#lib/api/route.ts";

export const GET = route(getLoadTest, async ({ app, actor, params }) => ({ body: await app.loadTests.readLoadTest(actor, params) }));
