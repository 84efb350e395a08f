import { leaseBatch } from "#lib/contracts/api/batch-runtime-operations.ts";
import { route } from "#lib/api/route.ts";

export const POST = route(leaseBatch, async ({ app, actor, body }) => ({ body: await app.batch.leaseBatch(actor, body.bootId) }));
