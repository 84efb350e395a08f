import { bindVersion } from "#lib/contracts/api/target-operations.ts";
import { route } from "#lib/api/route.ts";

export const POST = route(bindVersion, async ({ app, actor, params, body }) => ({ body: await app.targets.bindVersion(actor, { ...params, ...body }) }));
