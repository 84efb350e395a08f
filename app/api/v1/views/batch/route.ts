import { viewBatch } from "#lib/contracts/api/batch-operations.ts";
import { route } from "#lib/api/route.ts";

export const GET = route(viewBatch, async ({ app, actor, query }) => ({ body: await app.batch.readBatchList(actor, query) }));
