import type { IncomingMessage } from "node:http";
import { promisify } from "node:util";
import { gunzip, inflate } from "node:zlib";
import { badRequest, InferenceError } from "../oip/inference-error.ts";

const gunzipAsync = promisify(gunzip);
const inflateAsync = promisify(inflate);

/** Request bytes held at once, over all connections. */
export type BodyBudget = { readonly maxBodyBytes: number; readonly maxBufferedBytes: number; bufferedBytes: number };

export function createBodyBudget(maxBodyBytes: number, maxBufferedBytes: number): BodyBudget {
  return { maxBodyBytes, maxBufferedBytes, bufferedBytes: 0 };
}

/** A caller who sends on after the refusal is listened to this long, so that it can read the answer; then the line is cut. */
const DISCARD_MS = 2000;

function tooLarge(limit: number): InferenceError {
  return new InferenceError(413, "too_large", `The body is larger than ${limit} bytes.`);
}

/** Lets the rest of a refused body run into the void for a moment. */
export function discardRest(request: IncomingMessage): void {
  if (request.complete) return;
  request.resume();
  const timer = setTimeout(() => {
    if (!request.complete) request.socket.destroy();
  }, DISCARD_MS);
  timer.unref();
  request.once("end", () => clearTimeout(timer));
}

async function decompress(body: Buffer, encoding: string, maxOutputLength: number): Promise<Buffer> {
  try {
    return await (encoding === "gzip" ? gunzipAsync : inflateAsync)(body, { maxOutputLength });
  } catch (error) {
    if (error instanceof RangeError || (error instanceof Error && "code" in error && error.code === "ERR_BUFFER_TOO_LARGE")) {
      throw tooLarge(maxOutputLength);
    }
    throw badRequest(`The body is not ${encoding}.`);
  }
}

/**
 * Collects a request's body. `onBody` runs in the same turn as its last byte arrives, unless it was compressed.
 * Exactly one of the callbacks is called, or none when the caller hangs up.
 */
export function readBody(
  request: IncomingMessage,
  budget: BodyBudget,
  onBody: (body: Buffer) => void,
  onError: (error: unknown) => void,
): void {
  const declared = Number(request.headers["content-length"] ?? 0);
  const encoding = request.headers["content-encoding"];
  if (declared > budget.maxBodyBytes) return onError(tooLarge(budget.maxBodyBytes));
  if (encoding !== undefined && encoding !== "identity" && encoding !== "gzip" && encoding !== "deflate") {
    return onError(new InferenceError(415, "bad_request", "The body may be compressed with gzip or deflate only."));
  }
  let chunks: Buffer[] = [];
  let size = 0;
  let isOver = false;
  const finish = (): void => {
    isOver = true;
    budget.bufferedBytes -= size;
    chunks = [];
  };
  request.on("data", (chunk: Buffer) => {
    if (isOver) return;
    size += chunk.length;
    budget.bufferedBytes += chunk.length;
    if (size > budget.maxBodyBytes) {
      finish();
      onError(tooLarge(budget.maxBodyBytes));
    } else if (budget.bufferedBytes > budget.maxBufferedBytes) {
      finish();
      onError(new InferenceError(429, "overloaded", "The runtime holds too many request bodies at once."));
    } else chunks.push(chunk);
  });
  request.on("end", () => {
    if (isOver) return;
    const [only] = chunks;
    const body = chunks.length === 1 && only !== undefined ? only : Buffer.concat(chunks, size);
    finish();
    if (encoding === "gzip" || encoding === "deflate") decompress(body, encoding, budget.maxBodyBytes).then(onBody, onError);
    else onBody(body);
  });
  request.on("close", () => {
    if (!isOver) finish();
  });
}
