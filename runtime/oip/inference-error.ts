/** Statuses of the Open Inference Protocol surface; the body is always `{"error": message}`. */
export type InferenceStatus =
  400 | 403 | 404 | 405 | 408 | 413 | 415 | 429 | 431 | 499 | 500 | 501 | 503 | 504;

/** Closed set of reasons for `/metrics`; never free text. */
export type InferenceReason =
  | "bad_request"
  | "contract"
  | "not_found"
  | "forbidden"
  | "too_large"
  | "overloaded"
  | "not_ready"
  | "timeout"
  /** The caller's own deadline passed. */
  | "deadline"
  /** The caller hung up before the answer. */
  | "cancelled"
  | "host_lost"
  | "model_error"
  | "not_finite"
  | "internal";

/** A request that gets no prediction. `message` is shown to the caller: it names what is wrong and never holds input values at length. */
export class InferenceError extends Error {
  override readonly name = "InferenceError";
  readonly status: InferenceStatus;
  readonly reason: InferenceReason;
  /** When it is worth while to come again, for 429 and 503. */
  readonly retryAfterSeconds: number;
  constructor(
    status: InferenceStatus,
    reason: InferenceReason,
    message: string,
    retryAfterSeconds = 1,
  ) {
    super(message);
    this.status = status;
    this.reason = reason;
    this.retryAfterSeconds = retryAfterSeconds;
  }
}

/** Malformed input: 400. */
export function badRequest(message: string): InferenceError {
  return new InferenceError(400, "bad_request", message);
}
