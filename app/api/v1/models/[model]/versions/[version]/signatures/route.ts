import { signVersion } from "#lib/contracts/api/artifact-operations.ts";
import { route } from "#lib/api/route.ts";

export const POST = route(signVersion, async ({ app, actor, params, body }) => ({ body: await app.registry.signVersion(actor, { ...params, ...body }) }));
