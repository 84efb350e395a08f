import { AppError } from "#lib/domain/errors.ts";

const MAX_DEPTH = 32;
const MAX_VALUES = 100_000;

const tooLarge = (maxBytes: number): AppError =>
  new AppError("payload_too_large", `The body is larger than ${maxBytes} bytes.`, { details: { maxBytes } });

/** The whole body, or `payload_too_large` as soon as it is one byte too long, whatever Content-Length says. */
export async function readBytes(request: Request, maxBytes: number): Promise<Uint8Array> {
  const declared = request.headers.get("content-length");
  if (declared !== null && (!/^\d{1,15}$/.test(declared) || Number(declared) > maxBytes)) throw tooLarge(maxBytes);
  if (request.body === null) return new Uint8Array();
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of request.body) {
    size += chunk.byteLength;
    if (size > maxBytes) throw tooLarge(maxBytes);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** Parses JSON text in UTF-8. An empty body is an empty object: for acts that need nothing said. */
export function parseJson(request: Request, bytes: Uint8Array): unknown {
  const type = (request.headers.get("content-type") ?? "").split(";", 1)[0]?.trim().toLowerCase();
  if (bytes.byteLength === 0) return {};
  if (type !== "application/json") {
    throw new AppError("unsupported_media_type", "Send the body as application/json.");
  }
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch {
    throw new AppError("malformed_request", "The body is not JSON in UTF-8.");
  }
  requireStorable(value);
  return value;
}

/** Text that PostgreSQL and canonical JSON can hold: no NUL, no half surrogates. */
export const isStorableText = (text: string): boolean => !text.includes("\u0000") && text.isWellFormed();

/**
 * Refuses what would only fail later, deep inside: text that cannot be stored, nesting that exhausts the stack, numbers that overflowed.
 * Walks without recursion, because the input chooses the depth.
 */
function requireStorable(root: unknown): void {
  const waiting: { readonly value: unknown; readonly depth: number }[] = [{ value: root, depth: 0 }];
  for (let seen = 1, next = waiting.pop(); next !== undefined; seen += 1, next = waiting.pop()) {
    const { value, depth } = next;
    if (seen > MAX_VALUES) throw new AppError("malformed_request", `The body holds more than ${MAX_VALUES} values.`);
    if (depth > MAX_DEPTH) throw new AppError("malformed_request", `The body is nested deeper than ${MAX_DEPTH} levels.`);
    if (typeof value === "string" && !isStorableText(value)) throw unstorable();
    if (typeof value === "number" && !Number.isFinite(value)) {
      throw new AppError("malformed_request", "A number in the body is too large.");
    }
    if (typeof value !== "object" || value === null) continue;
    for (const [key, member] of Object.entries(value)) {
      if (!isStorableText(key)) throw unstorable();
      waiting.push({ value: member, depth: depth + 1 });
    }
  }
}

const unstorable = (): AppError =>
  new AppError("malformed_request", "A text holds a NUL character or half of a surrogate pair.");
