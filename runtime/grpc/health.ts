import {
  status as codes,
  type handleServerStreamingCall,
  type handleUnaryCall,
  type UntypedServiceImplementation,
} from "@grpc/grpc-js";
import type { Catalogue } from "../inference/catalogue.ts";
import { InferenceError } from "../oip/inference-error.ts";
import { INFERENCE_SERVICE, Malformed } from "./protocol.ts";

const SERVING = 1;
const NOT_SERVING = 2;
const SERVICE_UNKNOWN = 3;
const LOOK_MS = 250;

/**
 * The standard health service. The empty name and the inference service speak for the whole runtime, any other name for the
 * endpoint that is called so.
 */
export function createHealth(catalogue: Catalogue): UntypedServiceImplementation {
  const statusOf = (service: string): number => {
    if (service === "" || service === INFERENCE_SERVICE)
      return catalogue.serverProblem() === null ? SERVING : NOT_SERVING;
    try {
      return catalogue.isModelReady(service, null) ? SERVING : NOT_SERVING;
    } catch (error) {
      if (error instanceof InferenceError && error.status === 404) return SERVICE_UNKNOWN;
      throw error;
    }
  };
  const serviceOf = (request: unknown): string =>
    request instanceof Malformed ? "" : (request as { readonly service: string }).service;

  const check: handleUnaryCall<unknown, object> = (call, callback) => {
    const status = statusOf(serviceOf(call.request));
    if (status === SERVICE_UNKNOWN)
      callback({ code: codes.NOT_FOUND, details: "There is no such service." });
    else callback(null, { status });
  };
  /** Says the status now and whenever it changes. */
  const watch: handleServerStreamingCall<unknown, object> = (call) => {
    const service = serviceOf(call.request);
    let last: number | null = null;
    const look = (): void => {
      const status = statusOf(service);
      if (status !== last) call.write({ status });
      last = status;
    };
    look();
    const timer = setInterval(look, LOOK_MS);
    timer.unref();
    call.on("cancelled", () => {
      clearInterval(timer);
      call.end();
    });
    call.on("error", () => clearInterval(timer));
  };
  return { Check: check, Watch: watch };
}
