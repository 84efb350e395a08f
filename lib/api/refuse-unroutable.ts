import type { IncomingMessage, ServerResponse } from "node:http";
import { operationsByArea } from "#lib/contracts/api/operations.ts";
import { AppError } from "#lib/domain/errors.ts";
import { callContext } from "./call-context.ts";
import { type Problem, toProblem } from "./problem.ts";

type Template = { readonly pattern: RegExp; readonly methods: Set<string> };

/** Addresses of the API with their methods; a template may hold a literal that a more general one would match too, so all are looked at. */
const templates: readonly Template[] = (() => {
  const byPath = new Map<string, Set<string>>();
  for (const { path, method } of Object.values(operationsByArea).flat()) {
    const methods = byPath.get(path) ?? new Set<string>();
    methods.add(method);
    if (method === "GET") methods.add("HEAD");
    byPath.set(path, methods);
  }
  return [...byPath].map(([path, methods]) => ({
    pattern: new RegExp(`^${path.replaceAll(/[.*+?^$()|[\]\\]/g, "\\$&").replaceAll(/\{[^}]+\}/g, "[^/]+")}$`),
    methods,
  }));
})();

/**
 * What Next would answer by itself, and not in our form: an address that does not decode, or a method that an address does not have.
 * Null when the request may go on.
 */
export function unroutable(method: string, url: string): { readonly error: AppError; readonly allow: string | null } | null {
  const path = url.split("?", 1)[0] ?? "";
  if (!path.startsWith("/api/") || path.startsWith("/api/auth/")) return null;
  try {
    decodeURIComponent(path);
  } catch {
    return { error: new AppError("malformed_request", "The address is not valid: a percent sign must be followed by UTF-8 in hex."), allow: null };
  }
  const matching = templates.filter(({ pattern }) => pattern.test(path));
  if (matching.length === 0 || matching.some(({ methods }) => methods.has(method))) return null;
  const allow = [...new Set(matching.flatMap(({ methods }) => [...methods]))].sort().join(", ");
  return { error: new AppError("method_not_allowed", `This address takes ${allow}.`), allow };
}

/** Answers an unroutable request with a problem document; false when the request may go on. */
export function refuseUnroutable(request: IncomingMessage, response: ServerResponse): boolean {
  const found = unroutable(request.method ?? "GET", request.url ?? "/");
  if (found === null) return false;
  const headers = { get: (name: string) => request.headers[name]?.toString() ?? null };
  const requestId = callContext(headers, 0).requestId ?? "";
  const problem: Problem = toProblem(found.error, { instance: (request.url ?? "/").split("?", 1)[0] ?? "/", requestId });
  response.writeHead(problem.status, {
    "content-type": "application/problem+json",
    "cache-control": "no-store",
    "x-content-type-options": "nosniff",
    "x-request-id": requestId,
    ...(found.allow === null ? {} : { allow: found.allow }),
    // The body was not read: this connection cannot be used again.
    connection: "close",
  });
  response.end(request.method === "HEAD" ? undefined : JSON.stringify(problem));
  return true;
}
