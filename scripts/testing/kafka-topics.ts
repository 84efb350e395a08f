import { Admin, Consumer, FetchIsolationLevels, Producer, type Message } from "@platformatic/kafka";
import { randomUUID } from "node:crypto";

/** What tests and benchmarks do with topics themselves. */

export type TopicRecord = { readonly key: string | null; readonly value: string; readonly partition: number; readonly headers: Readonly<Record<string, string>> };

const base = (broker: string) => ({ clientId: "slipway-test", bootstrapBrokers: [broker], retries: 10, retryDelay: 300 });

export async function createTopics(broker: string, topics: readonly string[], partitions: number): Promise<void> {
  const admin = new Admin(base(broker));
  await admin.createTopics({ topics: [...topics], partitions, replicas: 1 });
  await admin.close();
}

/** Writes records, in this order. */
export async function produce(broker: string, topic: string, records: readonly { readonly key: string | null; readonly value: string; readonly partition?: number }[]): Promise<void> {
  const producer = new Producer({ ...base(broker), idempotent: true });
  for (let at = 0; at < records.length; at += 500)
    await producer.send({
      messages: records.slice(at, at + 500).map(({ key, value, partition }) => ({
        topic,
        value: Buffer.from(value),
        ...(key === null ? {} : { key: Buffer.from(key) }),
        ...(partition === undefined ? {} : { partition }),
      })),
    });
  await producer.close();
}

/**
 * Everything in a topic that a reader of committed records sees. It writes a mark at the end of each partition and reads up to it, so that
 * what comes back is all of it.
 */
export async function readAll(broker: string, topic: string, partitions: number): Promise<TopicRecord[]> {
  const mark = `mark-${randomUUID()}`;
  await produce(broker, topic, Array.from({ length: partitions }, (_, partition) => ({ key: null, value: mark, partition })));
  const consumer = new Consumer({ ...base(broker), groupId: mark, autocommit: false, isolationLevel: FetchIsolationLevels.READ_COMMITTED, maxWaitTime: 100 });
  const stream = await consumer.consume({ topics: [topic], mode: "earliest", autocommit: false });
  const found: TopicRecord[] = [];
  let marks = 0;
  for await (const message of stream as AsyncIterable<Message<Buffer, Buffer, Buffer, Buffer>>) {
    const value = message.value.toString();
    if (value === mark) marks += 1;
    else if (!value.startsWith("mark-")) {
      const key = message.key as Buffer | null | undefined;
      const headers = Object.fromEntries([...message.headers].map(([name, content]) => [name.toString(), content.toString()]));
      found.push({ key: key?.toString() ?? null, value, partition: message.partition, headers });
    }
    if (marks === partitions) break;
  }
  await consumer.close(true);
  return found;
}
