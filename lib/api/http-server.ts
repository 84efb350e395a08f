import { createServer } from "node:http";
import type { IncomingMessage, RequestListener, Server, ServerResponse } from "node:http";
import type { Duplex } from "node:stream";
import { setTimeout as delay } from "node:timers/promises";

import { PEER_HEADER } from "./call-context.ts";

const HEADER_LIMIT_BYTES = 16 * 1024;
const HEADERS_TIMEOUT_MS = 10_000;
const BODY_TIMEOUT_MS = 60_000;
const UPLOAD_TIMEOUT_MS = 60 * 60_000;
const KEEP_ALIVE_MS = 65_000;

/** Headers by which the framework's own parts talk to each other. From outside they are only ever attacks. */
const INTERNAL_HEADERS =
  /^(x-middleware-|x-invoke-|x-matched-path$|x-now-route-matches$|x-nextjs-|next-action$)/;

export type HttpServerOptions = {
  onRequest: RequestListener;
  /** Requests whose body may take an hour instead of a minute. */
  isUpload: (request: IncomingMessage) => boolean;
  /** How long any other body may take; a minute unless a test says otherwise. */
  bodyTimeoutMs?: number;
};

/**
 * A node:http server that gives slow, oversized and disguised requests no room: 16 KiB of headers within 10 s, a body within
 * a minute (uploads: an hour), no protocol upgrades, none of the framework's internal headers.
 */
export function createHttpServer(options: HttpServerOptions): Server {
  const server = createServer(
    {
      maxHeaderSize: HEADER_LIMIT_BYTES,
      headersTimeout: HEADERS_TIMEOUT_MS,
      requestTimeout: UPLOAD_TIMEOUT_MS,
      keepAliveTimeout: KEEP_ALIVE_MS,
      connectionsCheckingInterval: 5_000,
    },
    (request, response) => {
      dropInternalHeaders(request);
      namePeer(request);
      if (!options.isUpload(request))
        limitBodyTime(request, response, options.bodyTimeoutMs ?? BODY_TIMEOUT_MS);
      options.onRequest(request, response);
    },
  );
  server.on("upgrade", refuseUpgrade);
  return server;
}

/** Route handlers see headers only: who is at the other end of the socket is told in one, over whatever a client claims. */
function namePeer(request: IncomingMessage): void {
  request.headers[PEER_HEADER] = request.socket.remoteAddress ?? "";
}

function dropInternalHeaders(request: IncomingMessage): void {
  for (const name of Object.keys(request.headers)) {
    if (INTERNAL_HEADERS.test(name)) delete request.headers[name];
  }
  request.rawHeaders = request.rawHeaders.filter(
    (_, index, all) => !INTERNAL_HEADERS.test((all[index - (index % 2)] ?? "").toLowerCase()),
  );
}

/** Only a body that is still on its way is cut off: a request that is whole may be answered for as long as that takes. */
function limitBodyTime(request: IncomingMessage, response: ServerResponse, limitMs: number): void {
  const timer = setTimeout(() => {
    if (!request.complete) request.destroy();
  }, limitMs);
  timer.unref();
  const done = (): void => clearTimeout(timer);
  request.once("end", done);
  request.once("close", done);
  response.once("close", done);
}

function refuseUpgrade(_request: IncomingMessage, socket: Duplex): void {
  socket.on("error", () => undefined);
  const refusal = "HTTP/1.1 426 Upgrade Required\r\nConnection: close\r\nContent-Length: 0\r\n\r\n";
  socket.end(refusal, () => socket.destroy());
}

/** Stops listening, lets answers finish for `graceMs`, then closes what is left (event streams never end by themselves). */
export async function closeHttpServer(server: Server, graceMs = 500): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  // A kept-alive connection becomes idle only when its answer is out, and would then wait for the next request.
  const idle = setInterval(() => server.closeIdleConnections(), 20);
  await Promise.race([closed, delay(graceMs)]);
  clearInterval(idle);
  server.closeAllConnections();
  await closed;
}
