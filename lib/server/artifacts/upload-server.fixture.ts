import { createServer } from "node:http";
import { Readable } from "node:stream";
import { AppError, ERROR_STATUS } from "#lib/domain/errors.ts";
import { openLocalArtifactStore } from "./local-artifact-store.ts";
import { receiveUpload } from "./receive-upload.ts";

/**
 * A bare HTTP server around `receiveUpload`, for measuring it in a process of its own: POST /BYTES receives an upload of at most so many bytes and answers what came and the most memory
 * the process held meanwhile. Argument: the directory. Prints its port.
 */
const [directory = ""] = process.argv.slice(2);
const store = await openLocalArtifactStore({ directory, freeSpaceFloorBytes: 0 });

const server = createServer((request, response) => {
  let peakBytes = process.memoryUsage.rss();
  const timer = setInterval(() => {
    peakBytes = Math.max(peakBytes, process.memoryUsage.rss());
  }, 20);
  const answer = (status: number, body: unknown): void => {
    clearInterval(timer);
    response.writeHead(status, { "content-type": "application/json" });
    response.end(JSON.stringify(body));
  };
  // Through a web Request, as route handlers get it.
  const init = {
    method: "POST",
    headers: { "content-type": request.headers["content-type"] ?? "" },
    body: Readable.toWeb(request) as ReadableStream<Uint8Array>,
    duplex: "half",
  };
  const web = new Request("http://localhost/", init);
  const maxBytes = Number(request.url?.slice(1));
  receiveUpload(
    store,
    { contentType: web.headers.get("content-type"), contentLength: null, body: web.body },
    { maxBytes },
  )
    .then(async (upload) => {
      await upload.keep();
      peakBytes = Math.max(peakBytes, process.memoryUsage.rss());
      answer(200, { digest: upload.model.digest, sizeBytes: upload.model.sizeBytes, peakBytes });
    })
    .catch((error: unknown) => {
      if (error instanceof AppError) answer(ERROR_STATUS[error.code], { code: error.code });
      else answer(500, { code: String(error) });
    });
});
server.listen(0, "127.0.0.1", () => {
  const address = server.address();
  if (address !== null && typeof address === "object") process.stdout.write(`${address.port}\n`);
});
process.on("disconnect", () => process.exit(0));
