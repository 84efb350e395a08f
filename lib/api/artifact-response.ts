import { Readable } from "node:stream";
import { notFound } from "#lib/domain/errors.ts";
import type { App } from "#lib/server/composition.ts";

type Artifacts = Awaited<ReturnType<App["artifacts"]>>;

/** `bytes=START-` or `bytes=START-END` within the size; null for anything else, which is then answered whole. */
function rangeOf(header: string | null, size: number): { start: number; end: number } | null {
  const match = /^bytes=(\d{1,15})-(\d{0,15})$/.exec(header ?? "");
  if (!match) return null;
  const start = Number(match[1]);
  const end = match[2] === "" ? size - 1 : Math.min(Number(match[2]), size - 1);
  return start <= end ? { start, end } : null;
}

/** An artifact as a stream, whole or a range, so that an interrupted download goes on where it stopped. */
export async function artifactResponse(artifacts: Artifacts, digest: string, rangeHeader: string | null): Promise<Response> {
  const size = await artifacts.sizeOf(digest);
  if (size === null) throw notFound();
  const range = rangeOf(rangeHeader, size);
  const stream = await artifacts.open(digest, range ?? undefined);
  if (stream === null) throw notFound();
  const length = range === null ? size : range.end - range.start + 1;
  return new Response(Readable.toWeb(stream) as ReadableStream<Uint8Array>, {
    status: range === null ? 200 : 206,
    headers: {
      "content-type": "application/octet-stream",
      "content-length": String(length),
      "accept-ranges": "bytes",
      etag: `"${digest}"`,
      ...(range === null ? {} : { "content-range": `bytes ${range.start}-${range.end}/${size}` }),
    },
  });
}
