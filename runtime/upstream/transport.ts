import type { InferOutcome } from "../model-host/slot.ts";
import type { WireTensor } from "../model-host/tensor-bytes.ts";
import { InferenceError } from "../oip/inference-error.ts";

/** A longer answer is none. */
export const MAX_ANSWER_BYTES = 64 * 1024 * 1024;
/** Characters of what a server said that go into a message. */
export const MAX_SHOWN = 200;

/** What became of asking a server once. */
export type Asked = {
  readonly outcome: InferOutcome;
  /** Nothing was computed there: asking again is safe whatever the model does. */
  readonly mayRepeat: boolean;
  /** The server failed, not the request: the circuit counts it. */
  readonly isServerFault: boolean;
};

/** How a server is asked: one line to it, kept and used again. Never throws but in `ready`. */
export type Transport = {
  ask(inputs: readonly WireTensor[], timeoutMs: number): Promise<Asked>;
  /** Throws in words when the server does not have the model ready. */
  ready(timeoutMs: number): Promise<void>;
  /** Gives up what is under way. */
  abort(): void;
  /** Lets the connections go; nothing is under way any more. */
  close(): void;
};

export const refused = (status: 429 | 500 | 503, reason: "overloaded" | "model_error" | "host_lost" | "timeout", message: string, retryAfterSeconds = 1): InferOutcome => ({
  ok: false,
  error: new InferenceError(status, reason, message, retryAfterSeconds),
});
