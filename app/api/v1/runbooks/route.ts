import { createRunbook, listRunbooks } from "#lib/contracts/api/runbook-operations.ts";
import { route } from "#lib/api/route.ts";

export const GET = route(listRunbooks, async ({ app, actor }) => ({ body: await app.runbooks.listRunbooks(actor, {}) }));

export const POST = route(createRunbook, async ({ app, actor, body }) => ({ body: await app.runbooks.createRunbook(actor, body) }));
