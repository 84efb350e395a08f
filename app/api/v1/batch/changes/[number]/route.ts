import { getBatchChange } from "#lib/contracts/api/batch-operations.ts";
import { route } from "#lib/api/route.ts";

export const GET = route(getBatchChange, async ({ app, actor, params }) => ({ body: await app.batch.readBatchChange(actor, params) }));
