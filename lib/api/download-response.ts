import { Readable } from "node:stream";

/** Lines as a file to save, sent as they are made. */
export function downloadResponse(file: {
  readonly fileName: string;
  readonly contentType: string;
  readonly lines: AsyncGenerator<string>;
}): Response {
  const bytes = Readable.from(file.lines, { objectMode: false, encoding: "utf8" });
  return new Response(Readable.toWeb(bytes) as ReadableStream<Uint8Array>, {
    headers: {
      "content-type": file.contentType,
      "content-disposition": `attachment; filename="${file.fileName}"`,
    },
  });
}

/** A whole file to save. */
export const fileResponse = (file: { readonly fileName: string; readonly contentType: string; readonly bytes: Uint8Array<ArrayBufferLike> }): Response =>
  new Response(new Uint8Array(file.bytes), {
    headers: { "content-type": file.contentType, "content-disposition": `attachment; filename="${file.fileName}"` },
  });
