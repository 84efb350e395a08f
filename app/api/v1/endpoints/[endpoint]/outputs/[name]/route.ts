import { getCurrentOutput } from "#lib/contracts/api/batch-operations.ts";
import { batchDownload } from "#lib/api/batch-download.ts";
import { route } from "#lib/api/route.ts";

export const GET = route(getCurrentOutput, async ({ app, actor, params, request }) =>
  batchDownload(app, await app.batch.findBatchOutput(actor, params), request.headers.get("range")),
);
