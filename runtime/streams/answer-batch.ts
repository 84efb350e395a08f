import type { DesiredStream } from "#lib/contracts/streams.ts";
import { pause } from "../control/retry.ts";
import type { InferenceError } from "../oip/inference-error.ts";
import { answerRecord, sourceHeaders, type AnswerOptions, type RecordOutcome, type StreamRecord } from "./answer-record.ts";
import type { Outgoing } from "./kafka-line.ts";

type BatchOptions = Pick<AnswerOptions, "inference" | "state" | "table" | "onShadow"> & {
  readonly stream: DesiredStream;
  readonly signal: AbortSignal;
  /** Paused, sent back or divided anew: what is not answered yet is left to whoever holds it next. */
  readonly isOver: () => boolean;
  /** Why records wait, in words. */
  readonly onWait: (problem: string) => void;
};

export type AnsweredBatch = { readonly records: Outgoing[]; readonly answered: number; readonly deadLettered: number };

const AGAIN_MS = 200;
const text = (value: string): Buffer => Buffer.from(value, "utf8");

/** A record without a key goes to the partition of its number, so that its order is kept too. */
const placeOf = ({ key, partition }: StreamRecord): Pick<Outgoing, "key" | "partition"> => (key === null ? { partition } : { key });

/** A record that gets no answer, as it came, with the reason beside it. */
function deadLetter(stream: DesiredStream, record: StreamRecord, error: InferenceError): Outgoing {
  const headers = new Map([
    ...record.headers,
    ...sourceHeaders(stream.inputTopic, record),
    [text("slipway-reason"), text(error.reason)] as const,
    [text("slipway-error"), text(error.message.slice(0, 1000))] as const,
  ]);
  return { topic: stream.deadLetterTopic, headers, ...placeOf(record), ...(record.value === null ? {} : { value: record.value }) };
}

/**
 * Answers records side by side and gives what is to be written, in the order in which they came. Records that failed for want of capacity are
 * asked again until they are through. Null: stopped, or no longer this runtime's to answer.
 */
export async function answerBatch(options: BatchOptions, batch: readonly StreamRecord[]): Promise<AnsweredBatch | null> {
  const { stream, signal } = options;
  const asked = { ...options, endpoint: stream.endpoint, inputTopic: stream.inputTopic };
  const outcomes = await Promise.all(batch.map((record) => answerRecord(asked, record, 0)));
  for (let tries = 1; outcomes.some(({ kind }) => kind === "again"); tries += 1) {
    const waiting = outcomes.find((outcome) => outcome.kind === "again");
    if (waiting?.kind === "again") options.onWait(waiting.error.message);
    await pause(AGAIN_MS, signal);
    // A new table may have come into force meanwhile; the batch is then answered anew under it.
    if (options.isOver() || options.table.isRetired) return null;
    await Promise.all(
      outcomes.map(async (outcome, at) => {
        const record = batch[at];
        if (outcome.kind === "again" && record !== undefined) outcomes[at] = await answerRecord(asked, record, tries);
      }),
    );
  }
  const records = batch.map((record, at): Outgoing => {
    const outcome: RecordOutcome | undefined = outcomes[at];
    if (outcome?.kind === "answered")
      return { topic: stream.outputTopic, value: outcome.answer.value, headers: new Map(outcome.answer.headers), ...placeOf(record) };
    if (outcome === undefined) throw new Error("A record has no outcome.");
    return deadLetter(stream, record, outcome.error);
  });
  const answered = outcomes.filter(({ kind }) => kind === "answered").length;
  return { records, answered, deadLettered: batch.length - answered };
}
