import { Readable } from "node:stream";

/** Lines as a file to save, sent as they are made. */
export function downloadResponse(file: {
  readonly fileName: string;
  readonly contentType: string;
  readonly lines: AsyncGenerator<string>;
}): Response {
  const bytes = Readable.from(asBytes(file.lines), { objectMode: false });
  return new Response(Readable.toWeb(bytes) as ReadableStream<Uint8Array>, {
    headers: {
      "content-type": file.contentType,
      "content-disposition": `attachment; filename="${file.fileName}"`,
    },
  });
}

/** A stream of text has no sizes by which a web stream could hold it back. */
async function* asBytes(lines: AsyncGenerator<string>): AsyncGenerator<Buffer> {
  for await (const line of lines) yield Buffer.from(line);
}

/** A whole file to save. */
export const fileResponse = (file: { readonly fileName: string; readonly contentType: string; readonly bytes: Uint8Array<ArrayBufferLike> }): Response =>
  new Response(new Uint8Array(file.bytes), {
    headers: { "content-type": file.contentType, "content-disposition": `attachment; filename="${file.fileName}"` },
  });

/** Bytes that somebody handed in, as a file to save: never shown in the browser, whatever they are. */
export const documentResponse = ({ mediaType, fileName, bytes }: { readonly mediaType: string; readonly fileName: string; readonly bytes: Uint8Array }): Response =>
  new Response(Uint8Array.from(bytes), {
    headers: {
      "content-type": mediaType,
      "content-disposition": `attachment; filename*=UTF-8''${encodeURIComponent(fileName)}`,
      "content-security-policy": "sandbox; default-src 'none'",
    },
  });

/** A text of ours as a file to save. */
export const textFile = ({ fileName, text }: { readonly fileName: string; readonly text: string }, contentType: string): Response =>
  new Response(text, { headers: { "content-type": contentType, "content-disposition": `attachment; filename="${fileName}"` } });
