import { tryVersion } from "#lib/contracts/api/registry-operations.ts";
import { route } from "#lib/api/route.ts";

export const POST = route(tryVersion, async ({ app, actor, params, body }) => ({
  body: await app.tryVersion(actor, { ...params, request: body.request }),
}));
