import { Metadata, status as codes, type StatusObject } from "@grpc/grpc-js";
import type { InferenceError, InferenceStatus } from "../oip/inference-error.ts";

const CODES: Readonly<Record<InferenceStatus, codes>> = {
  400: codes.INVALID_ARGUMENT,
  403: codes.PERMISSION_DENIED,
  404: codes.NOT_FOUND,
  405: codes.UNIMPLEMENTED,
  408: codes.DEADLINE_EXCEEDED,
  413: codes.RESOURCE_EXHAUSTED,
  415: codes.INVALID_ARGUMENT,
  429: codes.RESOURCE_EXHAUSTED,
  431: codes.RESOURCE_EXHAUSTED,
  499: codes.CANCELLED,
  500: codes.INTERNAL,
  501: codes.UNIMPLEMENTED,
  503: codes.UNAVAILABLE,
  504: codes.DEADLINE_EXCEEDED,
};

/** The same refusal as over HTTP, in gRPC's terms; overload and unreadiness say in `retry-after` when to come again, in seconds. */
export function statusOf(error: InferenceError): Partial<StatusObject> {
  const metadata = new Metadata();
  if (error.status === 429 || error.status === 503)
    metadata.set("retry-after", String(error.retryAfterSeconds));
  return { code: CODES[error.status], details: error.message, metadata };
}
