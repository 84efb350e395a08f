import {
  Metadata,
  type handleBidiStreamingCall,
  type handleUnaryCall,
  type ServerUnaryCall,
  type UntypedServiceImplementation,
} from "@grpc/grpc-js";
import type { Logger } from "pino";
import { pinnedArm, type Catalogue } from "../inference/catalogue.ts";
import { serverMetadata } from "../inference/describe.ts";
import { tableOf, type Cancel, type InferAnswer, type Inference } from "../inference/infer.ts";
import type { PinPolicy } from "../inference/pin-policy.ts";
import type { RequestCounters } from "../metrics/request-counters.ts";
import { decodeRequestedOutputs } from "../oip/decode-inputs.ts";
import { badRequest, InferenceError } from "../oip/inference-error.ts";
import { checkKey } from "../oip/parse-body.ts";
import { decodeGrpcInputs, readParameters } from "./decode-request.ts";
import { encodeGrpcAnswer, wideOf } from "./encode-response.ts";
import type { InferRequestMessage } from "./messages.ts";
import { Malformed } from "./protocol.ts";
import { statusOf } from "./status.ts";
import type { Tracing } from "../tracing.ts";

export type GrpcOptions = {
  readonly catalogue: Catalogue;
  readonly inference: Inference;
  readonly counters: RequestCounters;
  readonly pins: PinPolicy;
  /** Null: no traces are made. */
  readonly tracing: Tracing | null;
  readonly log: Logger;
};

/** Requests of one stream under way at once; beyond it the stream is not read. */
const STREAM_DEPTH = 64;

type Call = Pick<ServerUnaryCall<unknown, unknown>, "metadata" | "getDeadline">;
type Named = { readonly name: string; readonly version: string };

function checked<T>(request: unknown): T {
  if (request instanceof Malformed)
    throw badRequest(`The message cannot be read: ${request.problem.slice(0, 200)}.`);
  return request as T;
}

function textOf(metadata: Metadata, name: string): string | null {
  const [value] = metadata.get(name);
  return typeof value === "string" ? value : null;
}

/** The W3C fields of a trace that the caller began. */
function carrierOf(metadata: Metadata): Record<string, string> {
  const fields = ["traceparent", "tracestate"].flatMap((name): [string, string][] => {
    const value = textOf(metadata, name);
    return value === null ? [] : [[name, value]];
  });
  return Object.fromEntries(fields);
}

/** The call's deadline on the clock of `performance.now()`; null without one. */
function deadlineOf(call: Call): number | null {
  const deadline = call.getDeadline();
  const atMs = typeof deadline === "number" ? deadline : deadline.getTime();
  return Number.isFinite(atMs) ? performance.now() + atMs - Date.now() : null;
}

const earlier = (a: number | null, b: number | null): number | null =>
  a === null ? b : b === null ? a : Math.min(a, b);

/** Which version answered and in which part, before the message itself, as HTTP says it in headers. */
function answerMetadata({ version, arm, epoch, predictionId }: InferAnswer): Metadata {
  const metadata = new Metadata();
  metadata.set("slipway-version", version.versionName);
  metadata.set("slipway-arm", arm);
  metadata.set("slipway-epoch", String(epoch));
  if (predictionId !== null) metadata.set("slipway-prediction-id", predictionId);
  return metadata;
}

/** The methods of `inference.GRPCInferenceService`. Each does what its HTTP twin does, by the same router, contract, batching and counting. */
export function createHandlers(options: GrpcOptions): UntypedServiceImplementation {
  const { catalogue, counters, log } = options;

  const asError = (thrown: unknown, endpoint: string): InferenceError => {
    const isOurs = thrown instanceof InferenceError;
    if (!isOurs) log.error({ err: thrown }, "A gRPC call could not be handled");
    const error = isOurs
      ? thrown
      : new InferenceError(500, "internal", "The request could not be handled.");
    counters.countError(endpoint, error.reason, error.status);
    return error;
  };
  const unary =
    <T>(answer: (request: T) => object): handleUnaryCall<unknown, object> =>
    (call, callback) => {
      try {
        callback(null, answer(checked<T>(call.request)));
      } catch (error) {
        callback(statusOf(asError(error, "")));
      }
    };

  /** Hands a message to the one path of every inference. `done` is called once, also when it is refused here. */
  const infer = (
    call: Call,
    given: unknown,
    done: (answer: InferAnswer | InferenceError, request: InferRequestMessage | null) => void,
  ): Cancel | null => {
    const startMs = performance.now();
    let request: InferRequestMessage | null = null;
    let endpoint = "";
    try {
      const message = checked<InferRequestMessage>(given);
      request = message;
      const state = catalogue.endpoint(message.model_name);
      endpoint = message.model_name;
      const version = message.model_version === "" ? null : message.model_version;
      if (version !== null) options.pins.check(textOf(call.metadata, "authorization"));
      const table = tableOf(state);
      const { key, timeoutUs } = readParameters(message.parameters);
      const own = textOf(call.metadata, "slipway-key");
      return options.inference({
        state,
        table,
        key: own === null ? key : checkKey(own),
        pinned: version === null ? null : pinnedArm(table, version, endpoint),
        startMs,
        trace: options.tracing?.begin("grpc", endpoint, carrierOf(call.metadata)) ?? null,
        deadlineMs: earlier(
          deadlineOf(call),
          timeoutUs === null ? null : startMs + timeoutUs / 1000,
        ),
        decode: ({ spec }) => ({
          tensors: decodeGrpcInputs(spec, message),
          outputs: decodeRequestedOutputs(
            spec,
            message.outputs.length > 0 ? message.outputs : null,
          ),
        }),
        done: (answer) => done(answer, message),
      });
    } catch (error) {
      done(asError(error, endpoint), request);
      return null;
    }
  };
  const messageOf = (answer: InferAnswer, request: InferRequestMessage | null): object =>
    encodeGrpcAnswer(
      request?.model_name ?? "",
      request?.id ?? "",
      answer,
      (request?.raw_input_contents.length ?? 0) > 0,
    );

  const modelInfer: handleUnaryCall<unknown, object> = (call, callback) => {
    const cancel = infer(call, call.request, (answer, request) => {
      if (call.cancelled) return;
      if (answer instanceof InferenceError) return callback(statusOf(answer));
      call.sendMetadata(answerMetadata(answer));
      callback(null, messageOf(answer, request));
    });
    if (cancel !== null) call.on("cancelled", cancel);
  };

  /** Each message is a request of its own; its answer, or what is wrong with it, comes back with its id, in the order of completion. */
  const modelStreamInfer: handleBidiStreamingCall<unknown, object> = (call) => {
    const cancels = new Set<Cancel>();
    let underWay = 0;
    let hasEnded = false;
    const settle = (): void => {
      underWay -= 1;
      if (underWay < STREAM_DEPTH) call.resume();
      if (hasEnded && underWay === 0) call.end();
    };
    call.on("data", (message: unknown) => {
      underWay += 1;
      if (underWay >= STREAM_DEPTH) call.pause();
      let own: Cancel | null = null;
      own = infer(call, message, (answer, request) => {
        if (own !== null) cancels.delete(own);
        if (!call.cancelled) {
          call.write(
            answer instanceof InferenceError
              ? {
                  error_message: answer.message,
                  infer_response: { id: request?.id ?? "", model_name: request?.model_name ?? "" },
                }
              : { infer_response: messageOf(answer, request) },
          );
        }
        settle();
      });
      if (own !== null) cancels.add(own);
    });
    call.on("end", () => {
      hasEnded = true;
      if (underWay === 0) call.end();
    });
    call.on("cancelled", () => {
      for (const cancel of cancels) cancel();
    });
    call.on("error", () => {
      for (const cancel of cancels) cancel();
    });
  };

  const versionOf = ({ version }: Named): string | null => (version === "" ? null : version);
  return {
    ServerLive: unary(() => ({ live: true })),
    ServerReady: unary(() => ({ ready: catalogue.serverProblem() === null })),
    ModelReady: unary<Named>((request) => ({
      ready: catalogue.isModelReady(request.name, versionOf(request)),
    })),
    ServerMetadata: unary(serverMetadata),
    ModelMetadata: unary<Named>((request) => {
      const model = catalogue.model(request.name, versionOf(request));
      const wide = <T extends { readonly shape: readonly number[] }>(tensor: T) => ({
        ...tensor,
        shape: tensor.shape.map(wideOf),
      });
      return { ...model, inputs: model.inputs.map(wide), outputs: model.outputs.map(wide) };
    }),
    ModelInfer: modelInfer,
    ModelStreamInfer: modelStreamInfer,
    ModelStatistics: unary<Named>((request) => ({
      model_stats: catalogue
        .stats(request.name === "" ? null : request.name, versionOf(request))
        .map(statisticsOf),
    })),
    RepositoryIndex: unary<{ readonly ready: boolean }>(({ ready }) => ({
      models: catalogue.index().filter(({ state }) => !ready || state === "READY"),
    })),
  };
}

function statisticsOf(row: ReturnType<Catalogue["stats"]>[number]): object {
  const durations = Object.entries(row.inference_stats).map(([name, { count, ns }]) => [
    name,
    { count: wideOf(count), ns: wideOf(ns) },
  ]);
  return {
    name: row.name,
    version: row.version,
    last_inference: wideOf(row.last_inference),
    inference_count: wideOf(row.inference_count),
    execution_count: wideOf(row.execution_count),
    inference_stats: Object.fromEntries(durations) as object,
  };
}
