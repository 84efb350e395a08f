import { answerHeaders, inferResponseText } from "../http/infer-answer.ts";
import type { Inference, InferAnswer } from "../inference/infer.ts";
import { decodeInputs, decodeRequestedOutputs } from "../oip/decode-inputs.ts";
import { badRequest, InferenceError } from "../oip/inference-error.ts";
import { parseInferBody } from "../oip/parse-body.ts";
import type { EndpointState } from "../router/endpoint-state.ts";
import type { ServingTable } from "../router/serving-table.ts";

/** A record as it was read. */
export type StreamRecord = {
  readonly partition: number;
  readonly offset: bigint;
  /** Milliseconds since 1970, by the record's own time. */
  readonly timestampMs: number;
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  readonly headers: ReadonlyMap<Buffer, Buffer>;
};

export type WrittenAnswer = { readonly value: Buffer; readonly headers: ReadonlyMap<Buffer, Buffer> };

export type RecordOutcome =
  | { readonly kind: "answered"; readonly answer: WrittenAnswer }
  | { readonly kind: "refused"; readonly error: InferenceError }
  /** Nothing is wrong with the record: it comes again. */
  | { readonly kind: "again"; readonly error: InferenceError };

/** Where the runtime itself was the cause, the record is tried again: without end while there is no capacity, this often where a host was lost. */
const LOST_TRIES = 3;
const NO_CAPACITY: readonly string[] = ["overloaded", "not_ready"];
const LOST: readonly string[] = ["host_lost", "timeout", "cancelled"];

const MAX_KEY = 1024;

/**
 * The sticky key of a record: its key as text, so that a key's records are answered by one version and keep to it as requests with this key would.
 * A record without a key keeps to its partition.
 */
export function stickyKey({ key, partition }: Pick<StreamRecord, "key" | "partition">): string {
  if (key === null || key.length === 0) return `partition ${partition}`;
  const text = key.toString("utf8");
  return text.length <= MAX_KEY && Buffer.from(text, "utf8").equals(key) ? text : key.toString("base64url").slice(0, MAX_KEY);
}

const text = (value: string): Buffer => Buffer.from(value, "utf8");

/** Headers that say where a record came from, so that a reader can tell which record an answer is for. */
export function sourceHeaders(topic: string, { partition, offset }: StreamRecord): [Buffer, Buffer][] {
  return [[text("slipway-source"), text(`${topic}/${partition}/${offset}`)]];
}

/** An answer as it is written to a topic: the body of the protocol and its headers. */
export function writeAnswer(endpoint: string, topic: string, record: StreamRecord, id: string | null, answer: InferAnswer): WrittenAnswer {
  const flat = answerHeaders(answer);
  const headers = new Map<Buffer, Buffer>(sourceHeaders(topic, record));
  for (let at = 0; at + 1 < flat.length; at += 2) headers.set(text(flat[at] ?? ""), text(flat[at + 1] ?? ""));
  return { value: text(inferResponseText(endpoint, id, answer)), headers };
}

export type AnswerOptions = {
  readonly inference: Inference;
  readonly endpoint: string;
  readonly inputTopic: string;
  readonly state: EndpointState;
  readonly table: ServingTable;
  /** Told of a shadow's answer, later; null: nobody wants it. */
  readonly onShadow: ((record: StreamRecord, answer: WrittenAnswer) => void) | null;
};

/** Answers one record as a request with its value as the body would be answered. Never throws. */
export function answerRecord(options: AnswerOptions, record: StreamRecord, tries: number): Promise<RecordOutcome> {
  const { inference, endpoint, inputTopic, state, table, onShadow } = options;
  return new Promise((resolve) => {
    const fail = (error: InferenceError): void => {
      const comesAgain = NO_CAPACITY.includes(error.reason) || (LOST.includes(error.reason) && tries + 1 < LOST_TRIES);
      resolve(comesAgain ? { kind: "again", error } : { kind: "refused", error });
    };
    try {
      if (record.value === null) throw badRequest("The record has no value.");
      const parsed = parseInferBody(record.value, table.hasWideIntegers);
      inference({
        state,
        table,
        key: stickyKey(record),
        pinned: null,
        startMs: performance.now(),
        deadlineMs: null,
        decode: ({ spec }) => ({ tensors: decodeInputs(spec, parsed), outputs: decodeRequestedOutputs(spec, parsed.outputs) }),
        done(answer) {
          if (answer instanceof InferenceError) fail(answer);
          else resolve({ kind: "answered", answer: writeAnswer(endpoint, inputTopic, record, parsed.id, answer) });
        },
        ...(onShadow === null ? {} : { onShadow: (answer: InferAnswer) => onShadow(record, writeAnswer(endpoint, inputTopic, record, parsed.id, answer)) }),
      });
    } catch (error) {
      fail(error instanceof InferenceError ? error : new InferenceError(500, "internal", "The record could not be handled."));
    }
  });
}
