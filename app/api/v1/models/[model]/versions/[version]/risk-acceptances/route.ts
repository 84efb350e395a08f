import { acceptRisk } from "#lib/contracts/api/artifact-operations.ts";
import { route } from "#lib/api/route.ts";

export const POST = route(acceptRisk, async ({ app, actor, params, body }) => ({ body: await app.registry.acceptRisk(actor, { ...params, ...body }) }));
