import { notFound } from "#lib/domain/errors.ts";
import type { App } from "#lib/server/composition.ts";
import { artifactResponse } from "./artifact-response.ts";

/** A batch output (or its side file) under the name that says what it is; ranges are answered. */
export async function batchDownload(
  app: App,
  found: { readonly digest: string | null; readonly fileName: string; readonly version: number } | null,
  rangeHeader: string | null,
): Promise<Response> {
  if (found === null || found.digest === null) throw notFound();
  const response = await artifactResponse(await app.artifacts(), found.digest, rangeHeader);
  response.headers.set("content-disposition", `attachment; filename="${found.fileName}"`);
  response.headers.set("slipway-output-version", String(found.version));
  return response;
}
