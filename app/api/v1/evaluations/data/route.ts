import { uploadEvaluationData } from "#lib/contracts/api/evaluation-operations.ts";
import { route } from "#lib/api/route.ts";
import { bytesOf, uploadOf } from "#lib/api/upload.ts";

export const POST = route(uploadEvaluationData, async ({ app, actor, query, request }) => {
  const { contentLength } = uploadOf(request);
  const { digest, name, format, rows, sizeBytes, columns } = await app.receiveEvaluationData(actor, {
    name: query.name,
    bytes: bytesOf(request),
    sizeBytes: contentLength,
  });
  return { body: { digest, name, format, rows, sizeBytes, columns } };
});
