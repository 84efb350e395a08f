import {
  propagation,
  ProxyTracerProvider,
  ROOT_CONTEXT,
  SpanKind,
  SpanStatusCode,
  trace,
  type Context,
  type Span,
  type Tracer,
} from "@opentelemetry/api";
import type { InferenceError } from "./oip/inference-error.ts";

const NAME = "slipway-runtime";

/** What is said of an answered request: who answered, and the parts of its time. */
export type AnsweredTrace = {
  readonly version: string;
  readonly arm: string;
  readonly epoch: number;
  readonly submittedMs: number;
  readonly queueUs: number;
  readonly inferenceUs: number;
};

/** The trace of one inference. Every method may be called once, and the last one ends it. */
export type RequestTrace = {
  answered(answer: AnsweredTrace): void;
  failed(error: Pick<InferenceError, "status" | "reason" | "message">): void;
};

export type Tracing = {
  /** `carrier` holds the W3C headers `traceparent` and `tracestate` as they came. */
  begin(
    protocol: "http" | "grpc",
    endpoint: string,
    carrier: Readonly<Record<string, string>>,
  ): RequestTrace;
};

/** Unix milliseconds of a moment on the clock of `performance.now()`. */
const epochMs = (monotonicMs: number): number => performance.timeOrigin + monotonicMs;

function part(tracer: Tracer, parent: Context, name: string, fromMs: number, toMs: number): void {
  tracer.startSpan(name, { startTime: epochMs(fromMs) }, parent).end(epochMs(toMs));
}

function traceOf(tracer: Tracer, span: Span, parent: Context): RequestTrace {
  const context = trace.setSpan(parent, span);
  return {
    answered({ version, arm, epoch, submittedMs, queueUs, inferenceUs }) {
      // Which arm answered, in the words that OpenTelemetry has for a decision between variants.
      span.setAttributes({
        "feature_flag.provider.name": "slipway",
        "feature_flag.result.variant": arm,
        "slipway.version": version,
        "slipway.epoch": epoch,
        "http.response.status_code": 200,
      });
      const beganMs = submittedMs + queueUs / 1000;
      part(tracer, context, "queue", submittedMs, beganMs);
      part(tracer, context, "infer", beganMs, beganMs + inferenceUs / 1000);
      span.end();
    },
    failed({ status, reason, message }) {
      span.setAttributes({ "http.response.status_code": status, "error.type": reason });
      if (status >= 500) span.setStatus({ code: SpanStatusCode.ERROR, message });
      span.end();
    },
  };
}

/**
 * Traces by whatever OpenTelemetry SDK the process was started with (`NODE_OPTIONS=--import ...`); it samples, propagates and exports as it is set up.
 * Null without one: then a request pays nothing.
 */
export function createTracing(): Tracing | null {
  const provider = trace.getTracerProvider();
  const isThere =
    !(provider instanceof ProxyTracerProvider) || provider.getDelegateTracer(NAME) !== undefined;
  if (!isThere) return null;
  const tracer = trace.getTracer(NAME);
  return {
    begin(protocol, endpoint, carrier) {
      const parent = propagation.extract(ROOT_CONTEXT, carrier);
      const name =
        protocol === "http"
          ? "POST /v2/models/{model}/infer"
          : "inference.GRPCInferenceService/ModelInfer";
      const attributes = {
        "feature_flag.key": endpoint,
        ...(protocol === "http"
          ? { "http.request.method": "POST", "http.route": "/v2/models/{model}/infer" }
          : {
              "rpc.system": "grpc",
              "rpc.service": "inference.GRPCInferenceService",
              "rpc.method": "ModelInfer",
            }),
      };
      const span = tracer.startSpan(name, { kind: SpanKind.SERVER, attributes }, parent);
      return traceOf(tracer, span, parent);
    },
  };
}
