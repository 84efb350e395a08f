import type { ServerResponse } from "node:http";
import { promisify } from "node:util";
import { deflate, gzip } from "node:zlib";
import { InferenceError } from "../oip/inference-error.ts";

/** Extra header names and values, flat: name, value, name, value. */
export type HeaderList = readonly string[];

/** Sends JSON text. A response that was begun or whose connection is gone is left alone. */
export function sendText(
  response: ServerResponse,
  status: number,
  text: string,
  headers: HeaderList = [],
  type = "application/json",
): void {
  if (response.headersSent || response.destroyed) return;
  const length = Buffer.byteLength(text);
  response.writeHead(status, ["content-type", type, "content-length", String(length), ...headers]);
  // As many bytes as characters: plain ASCII, which need not be encoded.
  response.end(text, length === text.length ? "latin1" : "utf8");
}

const compressors = { gzip: promisify(gzip), deflate: promisify(deflate) } as const;

/** Below this an answer is not worth the time; above it, it is compressed off the event loop. */
const WORTH_COMPRESSING = 1024;

/** Sends a body compressed as the caller asked, when it is long enough. */
export function sendCompressed(
  response: ServerResponse,
  encoding: "gzip" | "deflate" | null,
  body: Buffer,
  headers: HeaderList,
  type: string,
): void {
  const send = (bytes: Buffer, more: HeaderList): void => {
    if (response.headersSent || response.destroyed) return;
    const all = ["content-type", type, "content-length", String(bytes.length), ...headers, ...more];
    response.writeHead(200, all);
    response.end(bytes);
  };
  if (encoding === null || body.length < WORTH_COMPRESSING)
    return send(body, ["vary", "accept-encoding"]);
  compressors[encoding](body).then(
    (bytes) => send(bytes, ["content-encoding", encoding, "vary", "accept-encoding"]),
    () => send(body, []),
  );
}

export function sendJson(
  response: ServerResponse,
  status: number,
  document: unknown,
  headers: HeaderList = [],
): void {
  sendText(response, status, JSON.stringify(document), headers);
}

/** The protocol's one form of error: `{"error": message}`. Overload and unreadiness say when to come again. */
export function sendError(
  response: ServerResponse,
  error: InferenceError,
  headers: HeaderList = [],
): void {
  const retry =
    error.status === 429 || error.status === 503
      ? ["retry-after", String(error.retryAfterSeconds)]
      : [];
  sendJson(response, error.status, { error: error.message }, [...retry, ...headers]);
}

/** The same for bytes that never became a request. */
export function rawError(status: number, reason: string, message: string): string {
  const body = JSON.stringify({ error: message });
  const head = `HTTP/1.1 ${status} ${reason}\r\ncontent-type: application/json\r\ncontent-length: ${Buffer.byteLength(body)}\r\nconnection: close\r\n\r\n`;
  return head + body;
}

/** Anything thrown, as an error of the protocol; what is not one of ours is 500 and says nothing of its inside. */
export function asInferenceError(thrown: unknown): InferenceError {
  return thrown instanceof InferenceError
    ? thrown
    : new InferenceError(500, "internal", "The request could not be handled.");
}
