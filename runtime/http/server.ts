import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { Duplex } from "node:stream";
import { InferenceError } from "../oip/inference-error.ts";
import { rawError, sendError } from "./answer.ts";

const HEADERS_TIMEOUT_MS = 15_000;
const REQUEST_TIMEOUT_MS = 60_000;
const KEEP_ALIVE_MS = 75_000;
const CHECK_MS = 5_000;
const MAX_CONNECTIONS = 20_000;
/** A server that stops tells callers to come on a new connection for this long before it closes idle ones, so that no request is sent into a closing one. */
const LEAVE_MS = 300;
/** While draining, connections that have become idle are closed this often. */
const POLL_MS = 20;

export type HttpServer = {
  readonly host: string;
  readonly port: number;
  /** Asks callers to leave, stops accepting, lets running requests end for at most `drainMs`, then cuts what is left. */
  close(drainMs: number): Promise<void>;
};

function onClientError(error: NodeJS.ErrnoException, socket: Duplex): void {
  if (error.code === "ECONNRESET" || !socket.writable) {
    socket.destroy();
    return;
  }
  if (error.code === "HPE_HEADER_OVERFLOW")
    socket.end(
      rawError(431, "Request Header Fields Too Large", "The request's headers are too large."),
    );
  else if (error.code === "ERR_HTTP_REQUEST_TIMEOUT")
    socket.end(rawError(408, "Request Timeout", "The request did not arrive in time."));
  else socket.end(rawError(400, "Bad Request", "The bytes are not an HTTP request."));
}

function listen(server: Server, host: string, port: number): Promise<AddressInfo> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, host, () => {
      server.off("error", reject);
      const address = server.address();
      if (address === null || typeof address === "string")
        reject(new Error("The server has no address."));
      else resolve(address);
    });
  });
}

/** Opens the public HTTP port. `maxBodyBytes` lets a caller that asks first (Expect: 100-continue) be refused before it sends. */
export async function openHttpServer(
  host: string,
  port: number,
  maxBodyBytes: number,
  handle: (request: IncomingMessage, response: ServerResponse) => void,
): Promise<HttpServer> {
  let isLeaving = false;
  const answer = (request: IncomingMessage, response: ServerResponse): void => {
    if (isLeaving) response.shouldKeepAlive = false;
    handle(request, response);
  };
  const server = createServer(
    {
      headersTimeout: HEADERS_TIMEOUT_MS,
      requestTimeout: REQUEST_TIMEOUT_MS,
      keepAliveTimeout: KEEP_ALIVE_MS,
      connectionsCheckingInterval: CHECK_MS,
      noDelay: true,
    },
    answer,
  );
  server.maxConnections = MAX_CONNECTIONS;
  server.on("clientError", onClientError);
  server.on("checkContinue", (request: IncomingMessage, response: ServerResponse) => {
    if (Number(request.headers["content-length"] ?? 0) <= maxBodyBytes) response.writeContinue();
    answer(request, response);
  });
  server.on("checkExpectation", (_request: IncomingMessage, response: ServerResponse) => {
    sendError(
      response,
      new InferenceError(400, "bad_request", "Only Expect: 100-continue is understood."),
    );
  });
  server.on("connect", (_request: IncomingMessage, socket: Duplex) => {
    socket.end(rawError(405, "Method Not Allowed", "This server is no proxy."));
  });
  const address = await listen(server, host, port);
  return {
    host: address.address,
    port: address.port,
    async close(drainMs) {
      isLeaving = true;
      await new Promise((resolve) => setTimeout(resolve, Math.min(LEAVE_MS, drainMs)));
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      const poll = setInterval(() => server.closeIdleConnections(), POLL_MS);
      const limit = setTimeout(() => server.closeAllConnections(), drainMs);
      await closed;
      clearInterval(poll);
      clearTimeout(limit);
    },
  };
}
