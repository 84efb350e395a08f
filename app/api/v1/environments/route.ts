import { createEnvironment, listEnvironments } from "#lib/contracts/api/registry-operations.ts";
import { route } from "#lib/api/route.ts";

export const GET = route(listEnvironments, async ({ app, actor }) => ({
  body: await app.registry.listEnvironments(actor, {}),
}));

export const POST = route(createEnvironment, async ({ app, actor, body }) => ({
  body: await app.registry.createEnvironment(actor, body),
}));
