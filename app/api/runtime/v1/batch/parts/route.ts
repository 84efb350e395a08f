import { postBatchPart } from "#lib/contracts/api/batch-runtime-operations.ts";
import { route } from "#lib/api/route.ts";
import { bytesOf } from "#lib/api/upload.ts";

export const POST = route(postBatchPart, async ({ app, actor, request }) => ({
  body: await app.receiveBatchPart(actor, bytesOf(request)),
}));
