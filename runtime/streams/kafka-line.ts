import {
  Admin,
  Consumer,
  FetchIsolationLevels,
  kGetApi,
  kGetConnection,
  ListOffsetTimestamps,
  Producer,
  type API,
  type Connection,
  type Message,
  type MessagesStream,
  type MessageToProduce,
} from "@platformatic/kafka";
import type { DesiredStream } from "#lib/contracts/streams.ts";
import { readNote, writeNote, type PlaceNote } from "./place-note.ts";
import { inParts } from "./record-parts.ts";

/** A partition's place: the next record to answer, and what is committed beside it. */
export type Place = { readonly partition: number; readonly next: bigint; readonly note: PlaceNote };

/** What this process holds since the group was last divided. */
export type Assignment = { readonly generationId: number; readonly memberId: string; readonly partitions: readonly number[] };

export type Outgoing = MessageToProduce;

/** A connection to the brokers for one stream: member of its group, and writer with a transactional id of its own. */
export type KafkaLine = {
  /** Joins the group and shuts out an earlier process of this name. */
  open(): Promise<void>;
  assignment(): Assignment;
  /** Committed places of what is held, after every transaction that was under way has ended. Where nothing is committed: the start of the topic. */
  places(held: Assignment): Promise<{ readonly places: Place[]; readonly earliest: ReadonlyMap<number, bigint> }>;
  read(places: readonly Place[]): Promise<MessagesStream<Buffer, Buffer, Buffer, Buffer>>;
  /** Records and places in one transaction; throws when it did not come through, and the line is of no more use. */
  commit(held: Assignment, places: readonly Place[], records: Outgoing[]): Promise<void>;
  /** End of each partition of the input, for readers of what is committed. */
  ends(): Promise<readonly bigint[]>;
  /** Told when the group is being divided anew, and when it is done. */
  onDivided(listener: (isDone: boolean) => void): void;
  close(): Promise<void>;
};

/** Long enough for a broker that starts again; also how long a transaction of a dead process may stay open. */
const TIMEOUT_MS = 10_000;
const SESSION_MS = 10_000;
const CLOSE_MS = 3_000;
const MAX_FETCH_BYTES = 4 * 1024 * 1024;
/** Tells the broker that this process knows of no earlier producer id: it gives one, and fences whoever had it. */
const NO_PRODUCER = { producerId: -1n, producerEpoch: -1 } as const;

type CommitArguments = [string, string, bigint, number, number, string, string | null, { name: string; partitions: { partitionIndex: number; committedOffset: bigint; committedLeaderEpoch: number; committedMetadata: string }[] }[]];

const promised = <T>(call: (callback: (error: Error | null, value?: T) => void) => void): Promise<T> =>
  new Promise((resolve, reject) => {
    call((error, value) => {
      if (error !== null) reject(error);
      else resolve(value as T);
    });
  });

const within = async (work: Promise<unknown>, ms: number): Promise<void> => {
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, ms);
  await Promise.race([work.then(() => undefined, () => undefined), promise]);
  clearTimeout(timer);
};

export function createKafkaLine(brokers: readonly string[], runtimeName: string, stream: DesiredStream): KafkaLine {
  const { groupId, inputTopic: topic } = stream;
  const transactionalId = `slipway-${stream.streamId}-${runtimeName}`;
  const base = { clientId: `slipway-${runtimeName}`, bootstrapBrokers: [...brokers], timeout: TIMEOUT_MS, connectTimeout: 3000, retries: 5, retryDelay: 300 };
  const admin = new Admin(base);
  const producer = new Producer({ ...base, idempotent: true, transactionalId });
  const consumer = new Consumer({
    ...base,
    groupId,
    autocommit: false,
    sessionTimeout: SESSION_MS,
    heartbeatInterval: SESSION_MS / 4,
    rebalanceTimeout: 3 * SESSION_MS,
    isolationLevel: FetchIsolationLevels.READ_COMMITTED,
    maxBytes: MAX_FETCH_BYTES,
    maxWaitTime: 500,
  });
  let begun: Awaited<ReturnType<typeof producer.beginTransaction>> | null = null;

  const sendPlaces = async (held: Assignment, places: readonly Place[]): Promise<void> => {
    const metadata = await producer.metadata({ topics: [topic] });
    const coordinator = metadata.brokers.get(await consumer.findGroupCoordinator());
    if (coordinator === undefined) throw new Error("The coordinator of the consumer group is not known.");
    const connection = await promised<Connection>((callback) => {
      producer[kGetConnection](coordinator, callback);
    });
    const api = await promised<API<CommitArguments, unknown>>((callback) => {
      producer[kGetApi]<CommitArguments, unknown>("TxnOffsetCommit", callback);
    });
    if (producer.producerId === undefined || producer.producerEpoch === undefined) throw new Error("The transaction has no producer.");
    const partitions = places.map(({ partition, next, note }) => ({
      partitionIndex: partition,
      committedOffset: next,
      committedLeaderEpoch: metadata.topics.get(topic)?.partitions[partition]?.leaderEpoch ?? -1,
      committedMetadata: writeNote(note),
    }));
    await api.async(connection, transactionalId, groupId, producer.producerId, producer.producerEpoch, held.generationId, held.memberId, null, [{ name: topic, partitions }]);
  };

  return {
    async open() {
      consumer.topics.track(topic);
      // Before the committed places are read: what an earlier process of this name left open is ended by it.
      begun = await producer.beginTransaction(NO_PRODUCER);
      await consumer.joinGroup({});
    },
    assignment() {
      const partitions = (consumer.assignments ?? []).filter((one) => one.topic === topic).flatMap((one) => one.partitions);
      return { generationId: consumer.generationId, memberId: consumer.memberId ?? "", partitions: [...partitions].sort((a, b) => a - b) };
    },
    async places(held) {
      const partitions = [...held.partitions];
      const [groups, offsets] = await Promise.all([
        admin.listConsumerGroupOffsets({ groups: [{ groupId, topics: [{ name: topic, partitionIndexes: partitions }] }], requireStable: true }),
        consumer.listOffsets({ topics: [topic], partitions: { [topic]: partitions }, timestamp: ListOffsetTimestamps.EARLIEST }),
      ]);
      const committed = new Map((groups[0]?.topics.find(({ name }) => name === topic)?.partitions ?? []).map((one) => [one.partitionIndex, one]));
      const earliest = new Map(partitions.map((partition) => [partition, offsets.get(topic)?.[partition] ?? 0n]));
      const places = partitions.map((partition): Place => {
        const known = committed.get(partition);
        const start = earliest.get(partition) ?? 0n;
        if (known === undefined || known.committedOffset < 0n) return { partition, next: start, note: readNote(null) };
        // Records that the topic has let go of cannot be answered any more.
        return { partition, next: known.committedOffset < start ? start : known.committedOffset, note: readNote(known.metadata ?? null) };
      });
      return { places, earliest };
    },
    read: (places) =>
      consumer.consume({
        topics: [topic],
        mode: "manual",
        fallbackMode: "earliest",
        autocommit: false,
        offsets: places.map(({ partition, next }) => ({ topic, partition, offset: next })),
      }),
    async commit(held, places, records) {
      const transaction = begun ?? (await producer.beginTransaction(NO_PRODUCER));
      begun = null;
      for (const part of inParts(records)) await transaction.send({ messages: part });
      await transaction.addConsumer(consumer);
      await sendPlaces(held, places);
      await transaction.commit();
    },
    async ends() {
      const offsets = await consumer.listOffsets({ topics: [topic], timestamp: ListOffsetTimestamps.LATEST, isolationLevel: FetchIsolationLevels.READ_COMMITTED });
      return offsets.get(topic) ?? [];
    },
    onDivided(listener) {
      consumer.on("consumer:group:join", () => listener(true));
      consumer.on("consumer:group:rebalance", () => listener(false));
    },
    async close() {
      // What is open is given up by the next process of this name when it opens, or by the broker after its time.
      await within(Promise.all([consumer.close(true), producer.close(true), admin.close()]), CLOSE_MS);
    },
  };
}

export type KafkaMessage = Message<Buffer, Buffer, Buffer, Buffer>;
