import type { z } from "zod";
import type { Operation } from "#lib/contracts/operation.ts";
import { allowsSomewhere, readPermissionFor } from "#lib/domain/access/permissions.ts";
import { AppError, notFound } from "#lib/domain/errors.ts";
import type { App } from "#lib/server/composition.ts";
import { getApp } from "./running-app.ts";
import type { Actor, CallContext } from "#lib/server/ports.ts";
import { authenticate, credentialsOf, isSecure } from "./authenticate.ts";
import { callContext } from "./call-context.ts";
import { rowVersionOf } from "./conditional.ts";
import { type KeptAnswer, answerOnce, fingerprintOf, idempotencyKeyOf } from "./idempotency.ts";
import { parseParams, parseQuery } from "./parse-input.ts";
import { problemResponse, toProblem } from "./problem.ts";
import { parseJson, readBytes } from "./read-body.ts";
import { requireSameOrigin } from "./same-origin.ts";
import { cookieNames } from "./session-cookie.ts";

const MAX_BODY_BYTES = 256 * 1024;

type BodyOf<O extends Operation> = O["body"] extends z.ZodType ? z.output<O["body"]> : undefined;

export type RouteContext<O extends Operation> = {
  readonly app: App;
  readonly actor: O["permission"] extends "anyone" ? Actor | null : Actor;
  readonly params: z.output<O["params"]>;
  readonly query: z.output<O["query"]>;
  readonly body: BodyOf<O>;
  /** Row version the caller saw, from If-Match; null when they did not say. */
  readonly ifMatch: number | null;
  /** For handlers that read the body themselves (`body: "stream"`) or watch for the caller going away. */
  readonly request: Request;
  readonly context: CallContext;
};

/** JSON in the form of the operation's `response`, or a Response for what is not JSON. */
export type RouteAnswer<O extends Operation> =
  | Response
  | {
      readonly body: O["response"] extends z.ZodType ? z.input<O["response"]> : null;
      readonly status?: 200 | 201 | 202 | 204;
      readonly headers?: Readonly<Record<string, string>>;
    };

/** For a path without parts Next resolves it to undefined. */
type Params = Promise<Record<string, string | string[] | undefined> | undefined>;
export type RouteHandler = ((request: Request, route: { readonly params: Params }) => Promise<Response>) & {
  readonly operation: Operation;
};

/**
 * The one wrapper of every handler under /api: who asks, whether they may, what they sent, whether they asked before; then the handler;
 * then one form of answer. A handler never builds an error, and nothing it throws reaches the caller as it is.
 */
export function route<const O extends Operation>(
  operation: O,
  handle: (context: RouteContext<O>) => Promise<RouteAnswer<O>>,
): RouteHandler {
  const handler = async (request: Request, { params }: { readonly params: Params }): Promise<Response> => {
    const app = getApp();
    const context = callContext(request.headers, app.settings.trustedProxies);
    const requestId = context.requestId ?? "";
    const startedMs = performance.now();
    let actor: Actor | null = null;
    let response: Response;
    let rate: RateStanding | null = null;
    try {
      const admitted = await admit(app, operation, request, context);
      ({ actor, rate } = admitted);
      response = await serve(app, operation, handle, { request, params: (await params) ?? {}, context, actor });
    } catch (error) {
      const problem = toProblem(error, { instance: new URL(request.url).pathname, requestId });
      if (problem.status >= 500) app.logger.error({ err: error, requestId, operation: operation.name }, "request failed");
      response = problemResponse(problem, error instanceof AppError ? error.retryAfterSeconds : null);
    }
    app.logger.debug(
      { requestId, operation: operation.name, status: response.status, actor: actor?.id, ms: performance.now() - startedMs },
      "answered",
    );
    return finished(response, requestId, rate);
  };
  return Object.assign(handler, { operation });
}

type RateStanding = ReturnType<App["limitRequests"]>;
type Admitted = { readonly actor: Actor | null; readonly rate: RateStanding };

/** Who asks, and may they come in at all. What they may do to one object the use case decides. */
async function admit(app: App, operation: Operation, request: Request, context: CallContext): Promise<Admitted> {
  const { session } = cookieNames((await app.install()).installId, isSecure(app));
  const credentials = credentialsOf(request.headers, session);
  const isAmbient = credentials === "cookie" || (operation.permission === "anyone" && isBrowser(request));
  if (isAmbient) requireSameOrigin(operation.method, request.headers, app.settings.publicUrl);
  const here = app.limitRequests(credentials === "none" ? "stranger" : "address", context.ip ?? "unknown");
  if (operation.permission === "anyone" && credentials === "none") return { actor: null, rate: here };
  const actor = await authenticate(app, request.headers, context, operation.responseType !== "text/event-stream");
  if (actor === null) {
    throw new AppError("not_authenticated", "Sign in, or send an API token.", {
      hint: "Authorization: Bearer slp_...",
    });
  }
  const rate = app.limitRequests(actor.type === "runtime" ? "runtime" : "actor", actor.id);
  await requirePermission(app, operation, actor);
  return { actor, rate };
}

const isBrowser = (request: Request): boolean =>
  request.headers.has("sec-fetch-site") || request.headers.has("origin");

async function requirePermission(app: App, { permission, path, name }: Operation, actor: Actor): Promise<void> {
  if (permission === "anyone" || permission === "signed_in" || allowsSomewhere(actor, permission)) return;
  // About one object, to somebody who may read none of its kind: as if it were not there.
  const isHidden = path.includes("{") && !allowsSomewhere(actor, readPermissionFor(permission));
  const refusal = isHidden
    ? notFound()
    : new AppError("forbidden", "Your roles do not include this act.", {
        hint: "Ask an administrator which role you need, or somebody who holds it.",
        details: { permission },
      });
  await app.recordDenial(actor, { name, permission }, refusal);
  throw refusal;
}

type Arrived = {
  readonly request: Request;
  readonly params: Readonly<Record<string, unknown>>;
  readonly context: CallContext;
  readonly actor: Actor | null;
};

async function serve<O extends Operation>(
  app: App,
  operation: O,
  handle: (context: RouteContext<O>) => Promise<RouteAnswer<O>>,
  { request, params, context, actor }: Arrived,
): Promise<Response> {
  const url = new URL(request.url);
  const key = idempotencyKeyOf(operation.method, request.headers.get("idempotency-key"));
  const ifMatch = rowVersionOf(request.headers.get("if-match"), operation.requiresIfMatch === true);
  const parsedParams = parseParams(operation.params, params);
  const query = parseQuery(operation.query, url.searchParams);
  const reads = operation.body !== null && operation.body !== "stream";
  const bytes = reads ? await readBytes(request, operation.maxBodyBytes ?? MAX_BODY_BYTES) : new Uint8Array();
  const body: unknown =
    operation.body !== null && operation.body !== "stream" ? operation.body.parse(parseJson(request, bytes)) : undefined;
  const run = async (): Promise<RouteAnswer<O>> =>
    handle({ app, actor, params: parsedParams, query, body, ifMatch, request, context } as RouteContext<O>);

  if (key === null || actor === null) {
    const answer = await run();
    return answer instanceof Response ? answer : jsonResponse(keptForm(app, operation, answer));
  }
  const fingerprint = fingerprintOf(operation.method, url, bytes, request.headers.get("content-type"));
  const { answer, isReplay } = await answerOnce(
    app,
    actor,
    key,
    { fingerprint, isSecret: operation.isSecret === true },
    async () => {
      const made = await run();
      if (made instanceof Response) throw new Error(`${operation.name} answers a POST with a stream, which cannot be kept.`);
      return keptForm(app, operation, made);
    },
  );
  return jsonResponse(answer, isReplay ? { "idempotency-replayed": "true" } : {});
}

function keptForm<O extends Operation>(
  app: App,
  operation: O,
  answer: Exclude<RouteAnswer<O>, Response>,
): KeptAnswer {
  // What we promise is checked where a mistake can still be found: not in front of a customer.
  const checked =
    operation.response !== null && app.settings.checksAnswers ? operation.response.safeParse(answer.body) : null;
  if (checked?.success === false) {
    throw new Error(`${operation.name} does not answer as its contract says: ${checked.error.message}`);
  }
  const status = answer.status ?? operation.status;
  return { status, text: status === 204 ? null : JSON.stringify(answer.body), headers: { ...answer.headers } };
}

const jsonResponse = ({ status, text, headers }: KeptAnswer, more: Record<string, string> = {}): Response =>
  new Response(text, {
    status,
    headers: { ...(text === null ? {} : { "content-type": "application/json" }), ...headers, ...more },
  });

function finished(response: Response, requestId: string, rate: RateStanding | null): Response {
  const headers = new Headers(response.headers);
  if (rate !== null) {
    // draft-ietf-httpapi-ratelimit-headers-11: `w` seconds refill the whole quota; and the older names with the same numbers.
    const windowSeconds = Math.ceil(rate.limit / rate.perSecond);
    headers.set("ratelimit-policy", `"caller";q=${rate.limit};w=${windowSeconds}`);
    headers.set("ratelimit", `"caller";r=${rate.remaining};t=${Math.ceil((rate.limit - rate.remaining) / rate.perSecond)}`);
    headers.set("x-ratelimit-limit", String(rate.limit));
    headers.set("x-ratelimit-remaining", String(rate.remaining));
  }
  headers.set("x-request-id", requestId);
  headers.set("x-content-type-options", "nosniff");
  if (!headers.has("cache-control")) headers.set("cache-control", "no-store");
  return new Response(response.body, { status: response.status, headers });
}
