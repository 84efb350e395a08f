import { AppError } from "#lib/domain/errors.ts";
import { isApiToken } from "#lib/domain/access/api-token.ts";
import type { App } from "#lib/server/composition.ts";
import { getApp } from "../running-app.ts";
import type { Actor } from "#lib/server/ports.ts";
import { callContext } from "../call-context.ts";
import { isStorableText, parseJson, readBytes } from "../read-body.ts";
import { answerArtifacts } from "./artifact-routes.ts";
import { EndpointMissing, mlflowError, mlflowFault } from "./mlflow-error.ts";
import type { MlflowOperation } from "./mlflow-operation.ts";
import { registryOperations } from "./registry-operations.ts";
import { trackingOperations } from "./tracking-operations.ts";

const MAX_BODY_BYTES = 2 * 1024 * 1024;
const OPERATIONS = [...registryOperations, ...trackingOperations];
/** Query parameters that may come several times. */
const LISTS = new Set(["order_by", "stages", "experiment_ids"]);

export type MlflowArea = "registry" | "artifacts";
type Params = { readonly params: Promise<{ readonly path?: readonly string[] }> };

/**
 * `/api/2.0/mlflow/*` and `/api/2.0/mlflow-artifacts/*`, and the same below `/ajax-api`: outside `route()`, because MLflow's protocol has its own errors and
 * addresses. The same tokens, rates, use cases and trail all the same. Browser sessions do not count here: no page of ours calls it.
 */
export const mlflowRoute = (area: MlflowArea) => async (request: Request, { params }: Params): Promise<Response> => {
  const app = getApp();
  const context = callContext(request.headers, app.settings.trustedProxies);
  const requestId = context.requestId ?? "";
  let response: Response;
  try {
    app.limitRequests(request.headers.has("authorization") ? "address" : "stranger", context.ip ?? "unknown");
    const actor = await app.auth.fromToken(tokenOf(request.headers.get("authorization")), context);
    app.limitRequests("actor", actor.id);
    const path = (await params).path ?? [];
    response = area === "artifacts" ? await answerArtifacts(app, actor, request, path) : await answerRegistry(app, actor, request, path.join("/"));
  } catch (error) {
    const known = mlflowError(error);
    if (known === null) app.logger.error({ err: error, requestId }, "an MLflow request failed");
    response = known ?? mlflowFault(requestId);
  }
  const headers = new Headers(response.headers);
  headers.set("x-request-id", requestId);
  headers.set("x-content-type-options", "nosniff");
  headers.set("cache-control", "no-store");
  return new Response(response.body, { status: response.status, headers });
};

/** The token in `Bearer <token>` or `Basic`, where it is the password (or the user name with no password): what MLFLOW_TRACKING_TOKEN and _PASSWORD send. */
function tokenOf(header: string | null): string {
  const [scheme = "", value = "", ...rest] = (header ?? "").split(" ");
  if (rest.length === 0 && scheme.toLowerCase() === "bearer") return value;
  if (rest.length === 0 && scheme.toLowerCase() === "basic") {
    const [user = "", ...password] = Buffer.from(value, "base64").toString("utf8").split(":");
    return isApiToken(user) && password.join(":") === "" ? user : password.join(":");
  }
  throw new AppError("not_authenticated", "Send an API token: set MLFLOW_TRACKING_TOKEN, or MLFLOW_TRACKING_PASSWORD with any user name.");
}

const PATTERNS = OPERATIONS.map((operation) => ({
  operation,
  pattern: new RegExp(`^${operation.path.replaceAll(/\{(\w+)\}/g, "(?<$1>[^/]+)")}$`),
}));

async function answerRegistry(app: App, actor: Actor, request: Request, path: string): Promise<Response> {
  const method = request.method === "HEAD" ? "GET" : request.method;
  // Fixed addresses come before those with an id in the list.
  const found = PATTERNS.find(({ operation, pattern }) => operation.methods.includes(method) && pattern.test(path));
  if (found === undefined) throw new EndpointMissing(`No ${request.method} ${path.slice(0, 200)} on this server.`);
  const input = { ...(await inputOf(request, method)), ...found.pattern.exec(path)?.groups };
  return Response.json(await found.operation.answer(app, actor, input));
}

async function inputOf(request: Request, method: string): Promise<Record<string, unknown>> {
  const { searchParams } = new URL(request.url);
  const query: Record<string, unknown> = {};
  for (const [name, value] of searchParams) {
    if (!isStorableText(name + value)) throw new AppError("invalid_input", "A text holds a character that cannot be.");
    const old = query[name];
    query[name] = LISTS.has(name) ? [...(Array.isArray(old) ? old : []), value] : value;
  }
  if (method === "GET") return query;
  const body = parseJson(request, await readBytes(request, MAX_BODY_BYTES));
  if (typeof body !== "object" || body === null || Array.isArray(body)) throw new AppError("invalid_input", "The body is no JSON object.");
  return { ...query, ...body };
}

/** For the list of addresses in the documentation and its test. */
export const mlflowAddresses: readonly Pick<MlflowOperation, "methods" | "path">[] = OPERATIONS;
