import type { IncomingMessage } from "node:http";
import { promisify } from "node:util";
import { gunzip, inflate } from "node:zlib";
import { badRequest, InferenceError } from "../oip/inference-error.ts";

const gunzipAsync = promisify(gunzip);
const inflateAsync = promisify(inflate);

/** Request bytes held at once, over all connections. */
export type BodyBudget = {
  readonly maxBodyBytes: number;
  readonly maxBufferedBytes: number;
  bufferedBytes: number;
};

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

async function decompress(
  body: Buffer,
  encoding: string,
  maxOutputLength: number,
): Promise<Buffer> {
  try {
    return await (encoding === "gzip" ? gunzipAsync : inflateAsync)(body, { maxOutputLength });
  } catch (error) {
    if (
      error instanceof RangeError ||
      (error instanceof Error && "code" in error && error.code === "ERR_BUFFER_TOO_LARGE")
    ) {
      throw tooLarge(maxOutputLength);
    }
    throw badRequest(`The body is not ${encoding}.`);
  }
}

/** The few headers that every inference looks at. */
export type RequestHeaders = {
  /** Declared length of the body in bytes; 0 when it comes in chunks. */
  readonly contentLength: number;
  readonly contentEncoding: string | null;
  /** The sticky key. */
  readonly key: string | null;
  /** Length of the JSON part of a body that goes on in binary; null when all of it is JSON. NaN when it is no number. */
  readonly jsonBytes: number | null;
  /** Asks the candidate of the release with this id, while it stands at 0 %; null: the caller did not. */
  readonly preview: string | null;
  /** How the caller would like the answer compressed; null = not. */
  readonly answerEncoding: "gzip" | "deflate" | null;
};

/** The first of ours that an Accept-Encoding names and does not rule out. */
export function chooseEncoding(accepted: string): "gzip" | "deflate" | null {
  for (const part of accepted.toLowerCase().split(",")) {
    const [name, ...parameters] = part.trim().split(/\s*;\s*/);
    if (parameters.some((parameter) => /^q=0(\.0*)?$/.test(parameter))) continue;
    if (name === "gzip" || name === "deflate") return name;
  }
  return null;
}

/** Lengths first: most names differ there already. */
const isNamed = (name: string, wanted: string): boolean =>
  name.length === wanted.length && name.toLowerCase() === wanted;

/** Reads them from the list as it came: building Node's header object would cost more than parsing the body of a small request. */
export function readHeaders(rawHeaders: readonly string[]): RequestHeaders {
  let contentLength = 0;
  let contentEncoding: string | null = null;
  let key: string | null = null;
  let jsonBytes: number | null = null;
  let preview: string | null = null;
  let answerEncoding: RequestHeaders["answerEncoding"] = null;
  for (let at = 0; at + 1 < rawHeaders.length; at += 2) {
    const name = rawHeaders[at] ?? "";
    const value = rawHeaders[at + 1] ?? "";
    if (isNamed(name, "content-length")) contentLength = Number(value);
    else if (isNamed(name, "content-encoding")) contentEncoding ??= value.trim().toLowerCase();
    else if (isNamed(name, "slipway-key")) key ??= value;
    else if (isNamed(name, "slipway-preview")) preview ??= value.trim();
    else if (isNamed(name, "accept-encoding")) answerEncoding ??= chooseEncoding(value);
    else if (isNamed(name, "inference-header-content-length")) {
      jsonBytes = /^\d{1,15}$/.test(value.trim()) ? Number(value) : Number.NaN;
    }
  }
  return { contentLength, contentEncoding, key, jsonBytes, preview, answerEncoding };
}

/**
 * Collects a request's body. `onBody` runs in the same turn as its last byte arrives, unless it was compressed.
 * Exactly one of the callbacks is called, or none when the caller hangs up.
 */
export function readBody(
  request: IncomingMessage,
  headers: RequestHeaders,
  budget: BodyBudget,
  onBody: (body: Buffer) => void,
  onError: (error: unknown) => void,
): void {
  const { contentLength: declared, contentEncoding: encoding } = headers;
  if (declared > budget.maxBodyBytes) return onError(tooLarge(budget.maxBodyBytes));
  if (
    encoding !== null &&
    encoding !== "identity" &&
    encoding !== "gzip" &&
    encoding !== "deflate"
  ) {
    return onError(
      new InferenceError(
        415,
        "bad_request",
        "The body may be compressed with gzip or deflate only.",
      ),
    );
  }
  let chunks: Buffer[] = [];
  let size = 0;
  let counted = 0;
  let isOver = false;
  const finish = (): void => {
    isOver = true;
    budget.bufferedBytes -= counted;
    counted = 0;
    chunks = [];
  };
  /** Counts what is held. Only bodies that come in pieces get here: one that arrives whole is handled before anything else can. */
  const hold = (): void => {
    if (counted === 0) request.once("close", finish);
    budget.bufferedBytes += size - counted;
    counted = size;
    if (budget.bufferedBytes > budget.maxBufferedBytes) {
      finish();
      onError(
        new InferenceError(429, "overloaded", "The runtime holds too many request bodies at once."),
      );
    }
  };
  request.on("data", (chunk: Buffer) => {
    if (isOver) return;
    size += chunk.length;
    chunks.push(chunk);
    if (size > budget.maxBodyBytes) {
      finish();
      onError(tooLarge(budget.maxBodyBytes));
    } else if (size !== declared) hold();
  });
  request.on("end", () => {
    if (isOver) return;
    const [only] = chunks;
    const body = chunks.length === 1 && only !== undefined ? only : Buffer.concat(chunks, size);
    finish();
    if (encoding === "gzip" || encoding === "deflate")
      decompress(body, encoding, budget.maxBodyBytes).then(onBody, onError);
    else onBody(body);
  });
}
