import { leaseLoadTest } from "#lib/contracts/api/load-test-runtime-operations.ts";
import { route } from "#lib/api/route.ts";

export const POST = route(leaseLoadTest, async ({ app, actor, body }) => ({ body: await app.loadTests.leaseLoadTest(actor, body.bootId) }));
