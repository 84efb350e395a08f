import { route } from "#lib/api/route.ts";
import { changeEnvironmentPolicy } from "#lib/contracts/api/registry-operations.ts";

export const PUT = route(changeEnvironmentPolicy, async ({ app, actor, params, body }) => ({
  body: await app.registry.changeEnvironmentPolicy(actor, { ...params, ...body }),
}));
