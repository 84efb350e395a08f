import { Client, credentials, Metadata, status as codes, type ClientUnaryCall, type ServiceError } from "@grpc/grpc-js";
import type { DesiredUpstream } from "#lib/contracts/upstream.ts";
import type { ModelSignature, TensorSignature } from "#lib/domain/artifact/types.ts";
import { typedData } from "../grpc/decode-request.ts";
import { wideOf } from "../grpc/encode-response.ts";
import { wideNumber, type InferResponseMessage } from "../grpc/messages.ts";
import { INFERENCE_SERVICE, inferRequest, inferResponse, readyRequest, readyResponse } from "../grpc/protocol.ts";
import type { WireTensor } from "../model-host/tensor-bytes.ts";
import { decodeBytes, encodeBinary } from "../oip/binary-tensors.ts";
import { InferenceError } from "../oip/inference-error.ts";
import { elementCount } from "../oip/tensor.ts";
import { MAX_VALUES } from "./protocols.ts";
import { MAX_ANSWER_BYTES, MAX_SHOWN, refused, type Asked, type Transport } from "./transport.ts";

const MAX_RANK = 16;
const KEEP_ALIVE_MS = 30_000;
const KEEP_ALIVE_TIMEOUT_MS = 10_000;

/** `http://host:port` is plain text, `https://host:port` TLS. A path means nothing in gRPC. */
function clientFor({ url }: DesiredUpstream): Client {
  const { protocol, hostname, port } = new URL(url);
  const isTls = protocol === "https:";
  return new Client(`${hostname}:${port === "" ? (isTls ? 443 : 80) : port}`, isTls ? credentials.createSsl() : credentials.createInsecure(), {
    "grpc.max_receive_message_length": MAX_ANSWER_BYTES,
    "grpc.max_send_message_length": -1,
    "grpc.keepalive_time_ms": KEEP_ALIVE_MS,
    "grpc.keepalive_timeout_ms": KEEP_ALIVE_TIMEOUT_MS,
    // Whether to ask again is the pool's business: it knows which answers are evidence.
    "grpc.enable_retries": 0,
    // A server that came back is found when the circuit tries it, not minutes later.
    "grpc.initial_reconnect_backoff_ms": 200,
    "grpc.max_reconnect_backoff_ms": 2000,
  });
}

function metadataOf({ headers }: DesiredUpstream): Metadata {
  const metadata = new Metadata();
  for (const [name, value] of Object.entries(headers)) metadata.set(name.toLowerCase(), value);
  return metadata;
}

function outputOf(tensor: TensorSignature, answer: InferResponseMessage): WireTensor {
  const { name, datatype } = tensor;
  const position = answer.outputs.findIndex((output) => output.name === name);
  const found = answer.outputs[position];
  if (found === undefined) throw new Error(`The answer has no output ${name}.`);
  if (found.datatype !== datatype) throw new Error(`Output ${name} is ${found.datatype.slice(0, 16)}; its signature says ${datatype}.`);
  const shape = found.shape.length > MAX_RANK ? [-1] : found.shape.map(wideNumber);
  const count = elementCount(shape);
  if (!(count >= 0 && count <= MAX_VALUES)) throw new Error(`Output ${name} has a shape that cannot be.`);
  const raw = answer.raw_output_contents[position];
  if (raw !== undefined) return { datatype, shape, data: decodeBytes(tensor, raw, count) };
  if (found.contents === undefined || found.contents === null) throw new Error(`Output ${name} has no values.`);
  return { datatype, shape, data: typedData(tensor, found.contents, count) };
}

/** Outputs in the order of the signature. Throws when the message is not what the signature says. */
export function readAnswer(signature: ModelSignature, answer: InferResponseMessage): WireTensor[] {
  const { outputs, raw_output_contents: raw } = answer;
  if (raw.length > 0 && raw.length !== outputs.length) throw new Error(`The answer has ${outputs.length} outputs and ${raw.length} raw contents.`);
  return signature.outputs.map((tensor) => outputOf(tensor, answer));
}

/** A connection that was never made: nothing was asked. */
const wasNotSent = ({ code, details }: ServiceError): boolean => code === codes.UNAVAILABLE && details.startsWith("No connection established");

/** What a refusal of the server means, as over HTTP: 400 is the caller's, overload may be tried again, the rest is the server's. */
function refusalOf(error: ServiceError, timeoutMs: number): Asked {
  const said = `The server answered ${codes[error.code] ?? error.code}: ${error.details.slice(0, MAX_SHOWN)}`;
  switch (error.code) {
    case codes.INVALID_ARGUMENT:
    case codes.OUT_OF_RANGE:
      return { outcome: { ok: false, error: new InferenceError(400, "bad_request", said) }, mayRepeat: false, isServerFault: false };
    case codes.DEADLINE_EXCEEDED:
      return { outcome: refused(503, "timeout", `The server did not answer within ${Math.round(timeoutMs)} ms.`), mayRepeat: false, isServerFault: true };
    case codes.UNAVAILABLE: {
      // A connection that broke under way may have been answered; a server that says so itself has computed nothing.
      const isOwnWord = error.metadata.getMap()["retry-after"] !== undefined;
      return { outcome: refused(503, "host_lost", wasNotSent(error) ? "The server cannot be reached." : said), mayRepeat: wasNotSent(error) || isOwnWord, isServerFault: true };
    }
    case codes.CANCELLED:
      return { outcome: refused(503, "host_lost", said), mayRepeat: false, isServerFault: false };
    case codes.NOT_FOUND:
    case codes.UNAUTHENTICATED:
    case codes.PERMISSION_DENIED:
    case codes.UNIMPLEMENTED:
    case codes.FAILED_PRECONDITION:
      return { outcome: refused(500, "model_error", said), mayRepeat: false, isServerFault: false };
    default:
      return { outcome: refused(500, "model_error", said), mayRepeat: false, isServerFault: true };
  }
}

const isServiceError = (error: unknown): error is ServiceError => error instanceof Error && "code" in error && "details" in error && "metadata" in error;

/** Asks a server of the Open Inference Protocol over gRPC: one channel, kept; a deadline on each call; tensors as raw contents. */
export function createGrpcTransport(signature: ModelSignature, upstream: DesiredUpstream): Transport {
  const client = clientFor(upstream);
  const metadata = metadataOf(upstream);
  const named = { model_version: upstream.version ?? "" };
  const underWay = new Set<ClientUnaryCall>();

  const call = <R>(method: string, bytes: Buffer, decode: (bytes: Buffer) => R, timeoutMs: number): Promise<R> =>
    new Promise((resolve, reject) => {
      const started = client.makeUnaryRequest<Buffer, R>(
        `/${INFERENCE_SERVICE}/${method}`,
        (message) => message,
        decode,
        bytes,
        metadata,
        { deadline: Date.now() + Math.max(1, timeoutMs) },
        (error, answer) => {
          underWay.delete(started);
          if (error !== null) reject(error);
          else if (answer === undefined) reject(new Error("It is empty."));
          else resolve(answer);
        },
      );
      underWay.add(started);
    });

  const requestOf = (inputs: readonly WireTensor[]): Buffer =>
    inferRequest.encode({
      model_name: upstream.model,
      ...named,
      inputs: inputs.map((input, index) => ({
        name: signature.inputs[index]?.name ?? "",
        datatype: input.datatype,
        shape: input.shape.map(wideOf),
      })),
      outputs: signature.outputs.map(({ name }) => ({ name })),
      raw_input_contents: inputs.map((input, index) => encodeBinary({ ...input, name: signature.inputs[index]?.name ?? "", nulls: null })),
    });

  return {
    async ask(inputs, timeoutMs) {
      const startMs = performance.now();
      try {
        const answer = await call("ModelInfer", requestOf(inputs), inferResponse.decode, timeoutMs);
        const outputs = readAnswer(signature, answer);
        return { outcome: { ok: true, outputs, runUs: (performance.now() - startMs) * 1000 }, mayRepeat: false, isServerFault: false };
      } catch (error) {
        if (isServiceError(error)) return refusalOf(error, timeoutMs);
        const problem = error instanceof Error ? error.message : String(error);
        return { outcome: refused(500, "model_error", `The answer of the server cannot be used: ${problem.slice(0, MAX_SHOWN)}`), mayRepeat: false, isServerFault: true };
      }
    },
    async ready(timeoutMs) {
      const name = `${upstream.model}${upstream.version === null ? "" : ` ${upstream.version}`}`;
      const bytes = readyRequest.encode({ name: upstream.model, version: upstream.version ?? "" });
      const { ready } = await call("ModelReady", bytes, readyResponse.decode, timeoutMs).catch((error: unknown) => {
        if (!isServiceError(error)) throw error;
        throw new Error(`The server does not have ${name} ready: it answered ${codes[error.code] ?? error.code}.`);
      });
      if (ready !== true) throw new Error(`The server does not have ${name} ready.`);
    },
    abort() {
      for (const one of underWay) one.cancel();
    },
    close() {
      client.close();
    },
  };
}
