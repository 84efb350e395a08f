import type { MessagesStream } from "@platformatic/kafka";
import type { Wake } from "../control/retry.ts";
import type { StreamRecord } from "./answer-record.ts";
import type { KafkaMessage } from "./kafka-line.ts";

/** Records that were fetched and not taken yet. */
export type RecordQueue = {
  /** At most `count`, in the order of each partition. Throws when reading has failed. */
  take(count: number): StreamRecord[];
  close(): Promise<void>;
};

const CLOSE_MS = 2000;

const toRecord = ({ partition, offset, timestamp, key, value, headers }: KafkaMessage): StreamRecord => ({
  partition,
  offset,
  timestampMs: Number(timestamp),
  // The client gives absent keys and values as undefined or null.
  key: (key as Buffer | null | undefined) ?? null,
  value: (value as Buffer | null | undefined) ?? null,
  headers,
});

/** Takes in what is fetched and stops fetching while `limit` records wait. */
export function openRecordQueue(messages: MessagesStream<Buffer, Buffer, Buffer, Buffer>, limit: number, wake: Wake): RecordQueue {
  let waiting: StreamRecord[] = [];
  let failure: Error | null = null;
  messages.on("data", (message) => {
    waiting.push(toRecord(message));
    if (waiting.length >= limit) messages.pause();
    wake.set();
  });
  messages.on("error", (error) => {
    failure = error;
    wake.set();
  });
  return {
    take(count) {
      if (waiting.length === 0 && failure !== null) throw failure;
      const taken = waiting.slice(0, count);
      waiting = waiting.slice(count);
      if (waiting.length < limit && messages.isPaused() && failure === null) messages.resume();
      return taken;
    },
    async close() {
      const { promise, resolve } = Promise.withResolvers<void>();
      const timer = setTimeout(resolve, CLOSE_MS);
      await Promise.race([messages.close().catch(() => undefined), promise]);
      clearTimeout(timer);
    },
  };
}
