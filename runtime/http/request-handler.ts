import type { IncomingMessage, ServerResponse } from "node:http";
import type { Logger } from "pino";
import { tableOf, type InferAnswer, type Inference } from "../inference/infer.ts";
import type { RequestCounters } from "../metrics/request-counters.ts";
import { decodeInputs, decodeRequestedOutputs, wantsBinary } from "../oip/decode-inputs.ts";
import { InferenceError } from "../oip/inference-error.ts";
import { checkKey, parseInferBody, type InferBody } from "../oip/parse-body.ts";
import type { EndpointState } from "../router/endpoint-state.ts";
import type { Router } from "../router/router.ts";
import type { ServingArm, ServingTable } from "../router/serving-table.ts";
import type { Telemetry } from "../telemetry/telemetry.ts";
import { asInferenceError, sendBytes, sendError, sendJson, sendText } from "./answer.ts";
import {
  isEndpointReady,
  modelMetadata,
  repositoryIndex,
  serverMetadata,
  statsOf,
  versionNamesOf,
} from "./describe.ts";
import { takeFeedback } from "./feedback.ts";
import { answerHeaders, inferResponseBytes, inferResponseText } from "./infer-answer.ts";
import {
  discardRest,
  readBody,
  readHeaders,
  type BodyBudget,
  type RequestHeaders,
} from "./read-body.ts";
import { matchRoute, type Route } from "./routes.ts";

export type HandlerOptions = {
  readonly router: Router;
  readonly inference: Inference;
  readonly telemetry: Telemetry;
  readonly counters: RequestCounters;
  readonly budget: BodyBudget;
  readonly allowPinned: boolean;
  /** Prometheus text. */
  readonly metrics: () => Promise<string>;
  /** Whether a desired state is known, from the control plane or from disk. */
  readonly isStateKnown: () => boolean;
  readonly isStopping: () => boolean;
  readonly log: Logger;
};

type InferRoute = Extract<Route, { kind: "infer" }>;

const NOT_FOUND = new InferenceError(404, "not_found", "There is nothing at this path.");

function endpointNotFound(name: string): InferenceError {
  return new InferenceError(
    404,
    "not_found",
    `This runtime serves no model ${JSON.stringify(name.slice(0, 128))}.`,
  );
}

/** The arm of a version that a caller named in the path. */
function pinnedArm(table: ServingTable, version: string, endpoint: string): ServingArm {
  const arm = table.arms.find((one) => one.version.versionName === version);
  if (arm === undefined) {
    throw new InferenceError(
      404,
      "not_found",
      `Model ${endpoint} has no version ${JSON.stringify(version.slice(0, 128))} loaded here.`,
    );
  }
  return arm;
}

/** Sends an answer in the form that was asked for: JSON alone, or JSON and bytes. */
function sendAnswer(
  response: ServerResponse,
  endpoint: string,
  request: InferBody,
  answer: InferAnswer,
): void {
  const headers = answerHeaders(answer);
  const mayBeBinary = request.isBinaryOutput || request.outputs !== null;
  if (!mayBeBinary || !answer.outputs.some(({ name }) => wantsBinary(request, name))) {
    return sendText(response, 200, inferResponseText(endpoint, request.id, answer), headers);
  }
  const { body, jsonBytes } = inferResponseBytes(endpoint, request.id, answer, (name) =>
    wantsBinary(request, name),
  );
  sendBytes(response, 200, body, [
    ...headers,
    "inference-header-content-length",
    String(jsonBytes),
  ]);
}

/** Answers every request of the public HTTP surface. */
export function createRequestHandler(
  options: HandlerOptions,
): (request: IncomingMessage, response: ServerResponse) => void {
  const { router, telemetry, counters, budget } = options;
  // The targets that clients call over and over, already matched.
  const hotRoutes = new Map<string, InferRoute>();

  const endpoint = (name: string): EndpointState => {
    const state = router.find(name);
    if (state === undefined) throw endpointNotFound(name);
    return state;
  };
  const refuse = (
    request: IncomingMessage,
    response: ServerResponse,
    thrown: unknown,
    name = "",
  ): void => {
    const error = asInferenceError(thrown);
    if (error.reason === "internal")
      options.log.error({ err: thrown, url: request.url }, "A request could not be handled");
    counters.countError(name, error.reason, error.status);
    sendError(response, error);
    discardRest(request);
  };

  const infer = (
    route: InferRoute,
    state: EndpointState,
    headers: RequestHeaders,
    response: ServerResponse,
    body: Buffer,
  ): void => {
    const startMs = performance.now();
    const table = tableOf(state);
    const parsed = parseInferBody(body, table.hasWideIntegers, headers.jsonBytes);
    options.inference({
      state,
      table,
      key: headers.key === null ? parsed.key : checkKey(headers.key),
      pinned: route.version === null ? null : pinnedArm(table, route.version, route.endpoint),
      startMs,
      decode: ({ spec }) => ({
        tensors: decodeInputs(spec, parsed),
        outputs: decodeRequestedOutputs(spec, parsed.outputs),
      }),
      done: (answer) => {
        if (answer instanceof InferenceError) sendError(response, answer);
        else sendAnswer(response, route.endpoint, parsed, answer);
      },
    });
  };

  const onInfer = (route: InferRoute, request: IncomingMessage, response: ServerResponse): void => {
    if (route.version !== null && !options.allowPinned) {
      throw new InferenceError(
        403,
        "forbidden",
        "This runtime does not let callers choose a version. Leave out /versions/ and let the release decide.",
      );
    }
    const state = endpoint(route.endpoint);
    const headers = readHeaders(request.rawHeaders);
    readBody(
      request,
      headers,
      budget,
      (body) => {
        try {
          infer(route, state, headers, response, body);
        } catch (error) {
          refuse(request, response, error, route.endpoint);
        }
      },
      (error) => refuse(request, response, error, route.endpoint),
    );
  };

  const onFeedback = (name: string, request: IncomingMessage, response: ServerResponse): void => {
    const state = endpoint(name);
    const take = (body: Buffer): void => {
      try {
        sendJson(
          response,
          200,
          takeFeedback(telemetry, state.endpointId, body, (outcome) =>
            counters.countLabel(name, outcome),
          ),
        );
      } catch (error) {
        refuse(request, response, error, name);
      }
    };
    readBody(request, readHeaders(request.rawHeaders), budget, take, (error) =>
      refuse(request, response, error, name),
    );
  };

  const serverReady = (response: ServerResponse): void => {
    const waiting = router
      .endpoints()
      .filter((state) => !isEndpointReady(state))
      .map((state) => state.desired.name);
    const isReady = options.isStateKnown() && waiting.length === 0 && !options.isStopping();
    if (isReady) return sendJson(response, 200, { live: true, ready: true });
    const why = options.isStopping()
      ? "The runtime is stopping."
      : waiting.length > 0
        ? `Not loaded yet: ${waiting.slice(0, 10).join(", ")}.`
        : "No desired state is known yet.";
    sendJson(response, 503, { live: true, ready: false, error: why }, ["retry-after", "1"]);
  };

  const modelReady = (name: string, version: string | null, response: ServerResponse): void => {
    const state = endpoint(name);
    const isReady =
      version === null
        ? isEndpointReady(state)
        : pinnedArm(tableOf(state), version, name).version.pool.stats().readyHosts > 0;
    if (isReady) sendJson(response, 200, { name, ready: true });
    else
      sendJson(response, 503, { name, ready: false, error: `Model ${name} is not loaded yet.` }, [
        "retry-after",
        "1",
      ]);
  };

  const describe = (name: string, version: string | null, response: ServerResponse): void => {
    const state = endpoint(name);
    const table = tableOf(state);
    const shown = version === null ? table.main.version : pinnedArm(table, version, name).version;
    sendJson(
      response,
      200,
      modelMetadata(name, shown, version === null ? versionNamesOf(state) : [shown.versionName]),
    );
  };

  const answer = (route: Route, request: IncomingMessage, response: ServerResponse): void => {
    switch (route.kind) {
      case "infer":
        return onInfer(route, request, response);
      case "feedback":
        return onFeedback(route.endpoint, request, response);
      case "stats": {
        if (route.endpoint === null)
          return sendJson(response, 200, {
            model_stats: router.endpoints().flatMap((state) => statsOf(state, null)),
          });
        const rows = statsOf(endpoint(route.endpoint), route.version);
        if (route.version !== null && rows.length === 0) throw NOT_FOUND;
        return sendJson(response, 200, { model_stats: rows });
      }
      case "repository_index":
        discardRest(request);
        return sendJson(response, 200, repositoryIndex(router.endpoints()));
      case "server":
        return sendJson(response, 200, serverMetadata());
      case "live":
        return sendJson(response, 200, { live: true, ready: true });
      case "server_ready":
        return serverReady(response);
      case "model":
        return describe(route.endpoint, route.version, response);
      case "model_ready":
        return modelReady(route.endpoint, route.version, response);
      case "health":
        return sendJson(response, 200, { status: "ok" });
      case "metrics":
        options.metrics().then(
          (text) => sendText(response, 200, text, [], "text/plain; version=0.0.4; charset=utf-8"),
          (error: unknown) => refuse(request, response, error),
        );
        return;
    }
  };

  return (request, response) => {
    const url = request.url ?? "/";
    try {
      const hot = request.method === "POST" ? hotRoutes.get(url) : undefined;
      if (hot !== undefined) return onInfer(hot, request, response);
      const route = matchRoute(url);
      if (route === null) throw NOT_FOUND;
      const methods: readonly string[] = route.methods;
      if (!methods.includes(request.method ?? "")) {
        const error = new InferenceError(
          405,
          "bad_request",
          `This path takes ${methods.join(", ")}.`,
        );
        counters.countError("", error.reason, error.status);
        sendError(response, error, ["allow", methods.join(", ")]);
        return discardRest(request);
      }
      if (
        route.kind === "infer" &&
        hotRoutes.size < 1000 &&
        router.find(route.endpoint) !== undefined
      )
        hotRoutes.set(url, route);
      answer(route, request, response);
    } catch (error) {
      refuse(request, response, error);
    }
  };
}
