import { createLoadTest, listLoadTests } from "#lib/contracts/api/load-test-operations.ts";
import { route } from "#lib/api/route.ts";

export const GET = route(listLoadTests, async ({ app, actor, params }) => ({ body: await app.loadTests.listLoadTests(actor, params) }));
export const POST = route(createLoadTest, async ({ app, actor, params, body }) => ({ body: await app.loadTests.createLoadTest(actor, { ...params, ...body }) }));
