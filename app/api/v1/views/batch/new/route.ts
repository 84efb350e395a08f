import { viewNewBatch } from "#lib/contracts/api/batch-operations.ts";
import { batchSettings } from "#lib/api/batch-settings.ts";
import { route } from "#lib/api/route.ts";

export const GET = route(viewNewBatch, async ({ app, actor }) => ({ body: await app.batch.readNewBatch(actor, batchSettings(app)) }));
