import { propagation, trace, type Span, type SpanOptions } from "@opentelemetry/api";
import { afterAll, expect, it } from "vitest";
import { createTracing } from "./tracing.ts";

type Recorded = {
  name: string;
  attributes: Record<string, unknown>;
  startMs: number | null;
  endMs: number | null;
  status: number | null;
};

/** A provider that keeps what it is told, as an SDK would before it exports. */
function recordingProvider(spans: Recorded[]) {
  const startSpan = (name: string, options: SpanOptions = {}): Span => {
    const startMs = typeof options.startTime === "number" ? options.startTime : null;
    const span: Recorded = {
      name,
      attributes: { ...options.attributes },
      startMs,
      endMs: null,
      status: null,
    };
    spans.push(span);
    return {
      setAttributes(attributes: Record<string, unknown>) {
        Object.assign(span.attributes, attributes);
      },
      setStatus({ code }: { code: number }) {
        span.status = code;
      },
      end(endMs: number = Number.NaN) {
        span.endMs = endMs;
      },
    } as unknown as Span;
  };
  return { getTracer: () => ({ startSpan, startActiveSpan: startSpan as never }) };
}

afterAll(() => {
  trace.disable();
  propagation.disable();
});

it("costs nothing without an SDK, and with one says who answered and where the time went", () => {
  expect(createTracing()).toBeNull();
  const spans: Recorded[] = [];
  const carried: unknown[] = [];
  trace.setGlobalTracerProvider(recordingProvider(spans));
  propagation.setGlobalPropagator({
    inject: () => undefined,
    fields: () => [],
    extract(context, carrier) {
      carried.push(carrier);
      return context;
    },
  });
  const tracing = createTracing();
  const carrier = { traceparent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01" };
  tracing?.begin("http", "triage", carrier).answered({
    version: "1.0.0",
    arm: "candidate",
    epoch: 7,
    submittedMs: 1000,
    queueUs: 2000,
    inferenceUs: 500,
  });
  tracing?.begin("grpc", "triage", {}).failed({ status: 503, reason: "timeout", message: "late" });
  tracing?.begin("http", "triage", {}).failed({ status: 400, reason: "contract", message: "no" });
  expect(carried[0]).toEqual(carrier);
  expect(spans.map(({ name }) => name)).toEqual([
    "POST /v2/models/{model}/infer",
    "queue",
    "infer",
    "inference.GRPCInferenceService/ModelInfer",
    "POST /v2/models/{model}/infer",
  ]);
  expect(spans[0]?.attributes).toMatchObject({
    "feature_flag.key": "triage",
    "feature_flag.result.variant": "candidate",
    "slipway.version": "1.0.0",
    "slipway.epoch": 7,
  });
  const [queue, infer] = [spans[1], spans[2]];
  expect((queue?.endMs ?? 0) - (queue?.startMs ?? 0)).toBeCloseTo(2, 3);
  expect((infer?.endMs ?? 0) - (infer?.startMs ?? 0)).toBeCloseTo(0.5, 3);
  expect(spans[3]).toMatchObject({ attributes: { "error.type": "timeout" }, status: 2 });
  expect(spans[4]?.status).toBeNull();
});
