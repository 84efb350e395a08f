import type { UploadRequest } from "#lib/server/composition.ts";
import { parseJson, readBytes } from "./read-body.ts";

/** A web request as the upload receiver takes it: its bytes as they come, never gathered. */
export function uploadOf(request: Request): UploadRequest {
  const length = request.headers.get("content-length");
  return {
    contentType: request.headers.get("content-type"),
    contentLength: length !== null && /^\d{1,15}$/.test(length) ? Number(length) : null,
    body: request.body,
  };
}

export const isMultipart = (request: Request): boolean =>
  /^multipart\/form-data\s*;/i.test(request.headers.get("content-type") ?? "");

/** The JSON of a body that the handler chose to read itself; refused above the cap. */
export const readJsonBody = async (request: Request, maxBytes: number): Promise<unknown> =>
  parseJson(request, await readBytes(request, maxBytes));

/** The body as it comes; nothing for a request without one. */
export async function* bytesOf(request: Request): AsyncGenerator<Uint8Array> {
  if (request.body !== null) yield* request.body;
}
