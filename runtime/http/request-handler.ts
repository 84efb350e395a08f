import type { IncomingMessage, ServerResponse } from "node:http";
import type { Logger } from "pino";
import type { Admission } from "../inference/admission.ts";
import { pinnedArm, previewArm, type Catalogue } from "../inference/catalogue.ts";
import { serverMetadata } from "../inference/describe.ts";
import type { PinPolicy } from "../inference/pin-policy.ts";
import { tableOf, type InferAnswer, type Inference } from "../inference/infer.ts";
import type { RequestCounters } from "../metrics/request-counters.ts";
import { decodeInputs, decodeRequestedOutputs, wantsBinary } from "../oip/decode-inputs.ts";
import { InferenceError } from "../oip/inference-error.ts";
import { checkKey, parseInferBody, type InferBody } from "../oip/parse-body.ts";
import type { EndpointState } from "../router/endpoint-state.ts";
import type { Router } from "../router/router.ts";
import type { ServingArm, ServingTable } from "../router/serving-table.ts";
import type { LabelOutcome, Telemetry } from "../telemetry/telemetry.ts";
import { asInferenceError, sendCompressed, sendError, sendJson, sendText } from "./answer.ts";
import { countFeedback, readFeedback, tallyFeedback, type FeedbackItem } from "./feedback.ts";
import { answerHeaders, inferResponseBytes, inferResponseText } from "./infer-answer.ts";
import {
  discardRest,
  readBody,
  readHeaders,
  type BodyBudget,
  type RequestHeaders,
} from "./read-body.ts";
import { matchRoute, type Route } from "./routes.ts";
import type { Tracing } from "../tracing.ts";

export type HandlerOptions = {
  readonly router: Router;
  readonly catalogue: Catalogue;
  readonly admission: Admission;
  readonly inference: Inference;
  readonly telemetry: Telemetry;
  readonly counters: RequestCounters;
  readonly budget: BodyBudget;
  readonly pins: PinPolicy;
  /** Null: no traces are made. */
  readonly tracing: Tracing | null;
  /** What became of feedback, with the words of sibling processes for predictions that this one does not know. */
  readonly askSiblings: (
    endpointId: string,
    items: readonly FeedbackItem[],
    outcomes: readonly LabelOutcome[],
  ) => Promise<readonly LabelOutcome[]>;
  /** Prometheus text. */
  readonly metrics: (compat: "triton" | null) => Promise<string>;
  readonly log: Logger;
};

type InferRoute = Extract<Route, { kind: "infer" }>;

const NOT_FOUND = new InferenceError(404, "not_found", "There is nothing at this path.");

/** The W3C headers of a trace that the caller began. */
function carrierOf({ headers }: IncomingMessage): Record<string, string> {
  const { traceparent, tracestate } = headers;
  return {
    ...(typeof traceparent === "string" ? { traceparent } : {}),
    ...(typeof tracestate === "string" ? { tracestate } : {}),
  };
}

/** Sends an answer in the form that was asked for: JSON alone, or JSON and bytes. */
function sendAnswer(
  response: ServerResponse,
  endpoint: string,
  request: InferBody,
  answer: InferAnswer,
  encoding: RequestHeaders["answerEncoding"],
): void {
  const headers = answerHeaders(answer);
  const mayBeBinary = request.isBinaryOutput || request.outputs !== null;
  if (!mayBeBinary || !answer.outputs.some(({ name }) => wantsBinary(request, name))) {
    const text = inferResponseText(endpoint, request.id, answer);
    if (encoding === null) return sendText(response, 200, text, headers);
    return sendCompressed(response, encoding, Buffer.from(text), headers, "application/json");
  }
  const { body, jsonBytes } = inferResponseBytes(endpoint, request.id, answer, (name) =>
    wantsBinary(request, name),
  );
  const all = [...headers, "inference-header-content-length", String(jsonBytes)];
  sendCompressed(response, encoding, body, all, "application/octet-stream");
}

/** The arm that the caller chose by version or preview; null: the route decides. */
function pinOf(table: ServingTable, route: InferRoute, preview: string | null): ServingArm | null {
  if (route.version !== null) return pinnedArm(table, route.version, route.endpoint);
  return preview === null ? null : previewArm(table, preview, route.endpoint);
}

/** Answers every request of the public HTTP surface. */
export function createRequestHandler(
  options: HandlerOptions,
): (request: IncomingMessage, response: ServerResponse) => void {
  const { router, catalogue, telemetry, counters, budget } = options;
  // The targets that clients call over and over, already matched.
  const hotRoutes = new Map<string, InferRoute>();

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
    request: IncomingMessage,
    response: ServerResponse,
    body: Buffer,
  ): void => {
    const startMs = performance.now();
    const table = tableOf(state);
    const parsed = parseInferBody(body, table.hasWideIntegers, headers.jsonBytes);
    const cancel = options.inference({
      state,
      table,
      key: headers.key === null ? parsed.key : checkKey(headers.key),
      pinned: pinOf(table, route, headers.preview),
      startMs,
      trace: options.tracing?.begin("http", route.endpoint, carrierOf(request)) ?? null,
      deadlineMs: parsed.timeoutUs === null ? null : startMs + parsed.timeoutUs / 1000,
      decode: ({ spec }) => ({
        tensors: decodeInputs(spec, parsed),
        outputs: decodeRequestedOutputs(spec, parsed.outputs),
      }),
      done: (answer) => {
        if (answer instanceof InferenceError) sendError(response, answer);
        else sendAnswer(response, route.endpoint, parsed, answer, headers.answerEncoding);
      },
    });
    if (cancel !== null) response.once("close", cancel);
  };

  const onInfer = (route: InferRoute, request: IncomingMessage, response: ServerResponse): void => {
    if (route.version !== null) options.pins.check(request.headers.authorization ?? null);
    const state = catalogue.endpoint(route.endpoint);
    // Before the body is taken in: a flood must not fill the memory first.
    const refused = options.admission.refusal(state);
    if (refused !== null) return refuse(request, response, refused, route.endpoint);
    const headers = readHeaders(request.rawHeaders);
    readBody(
      request,
      headers,
      budget,
      (body) => {
        try {
          infer(route, state, headers, request, response, body);
        } catch (error) {
          refuse(request, response, error, route.endpoint);
        }
      },
      (error) => refuse(request, response, error, route.endpoint),
    );
  };

  const onFeedback = (name: string, request: IncomingMessage, response: ServerResponse): void => {
    const state = catalogue.endpoint(name);
    const take = (body: Buffer): void => {
      const work = async (): Promise<void> => {
        const items = readFeedback(body);
        const own = countFeedback(telemetry, state.endpointId, items);
        const outcomes = await options.askSiblings(state.endpointId, items, own);
        sendJson(
          response,
          200,
          tallyFeedback(outcomes, (outcome) => counters.countLabel(name, outcome)),
        );
      };
      work().catch((error: unknown) => refuse(request, response, error, name));
    };
    readBody(request, readHeaders(request.rawHeaders), budget, take, (error) =>
      refuse(request, response, error, name),
    );
  };

  const serverReady = (response: ServerResponse): void => {
    const error = catalogue.serverProblem();
    if (error === null) return sendJson(response, 200, { live: true, ready: true });
    sendJson(response, 503, { live: true, ready: false, error }, ["retry-after", "1"]);
  };

  const modelReady = (name: string, version: string | null, response: ServerResponse): void => {
    if (catalogue.isModelReady(name, version))
      return sendJson(response, 200, { name, ready: true });
    sendJson(response, 503, { name, ready: false, error: `Model ${name} is not loaded yet.` }, [
      "retry-after",
      "1",
    ]);
  };

  const answer = (route: Route, request: IncomingMessage, response: ServerResponse): void => {
    switch (route.kind) {
      case "infer":
        return onInfer(route, request, response);
      case "feedback":
        return onFeedback(route.endpoint, request, response);
      case "stats":
        return sendJson(response, 200, {
          model_stats: catalogue.stats(route.endpoint, route.version),
        });
      case "repository_index":
        discardRest(request);
        return sendJson(response, 200, catalogue.index());
      case "server":
        return sendJson(response, 200, serverMetadata());
      case "live":
        return sendJson(response, 200, { live: true, ready: true });
      case "server_ready":
        return serverReady(response);
      case "model":
        return sendJson(response, 200, catalogue.model(route.endpoint, route.version));
      case "model_ready":
        return modelReady(route.endpoint, route.version, response);
      case "health":
        return sendJson(response, 200, { status: "ok" });
      case "metrics":
        options.metrics(/[?&]compat=triton(&|$)/.test(request.url ?? "") ? "triton" : null).then(
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
