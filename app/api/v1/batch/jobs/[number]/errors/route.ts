import { getBatchErrors } from "#lib/contracts/api/batch-operations.ts";
import { batchDownload } from "#lib/api/batch-download.ts";
import { route } from "#lib/api/route.ts";

export const GET = route(getBatchErrors, async ({ app, actor, params, request }) => {
  const found = await app.batch.findBatchOutput(actor, params);
  const errors = found === null ? null : { digest: found.errorsDigest, fileName: found.errorsName, version: found.version };
  return batchDownload(app, errors, request.headers.get("range"));
});
