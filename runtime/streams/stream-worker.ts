import type { Logger } from "pino";
import type { DesiredStream, ReplayPoint, StreamReport } from "#lib/contracts/streams.ts";
import { owedOffset } from "#lib/domain/streams/replay.ts";
import { createWake, pause, retryDelayMs, type Wake } from "../control/retry.ts";
import type { Inference } from "../inference/infer.ts";
import type { Router } from "../router/router.ts";
import type { StreamRecord, WrittenAnswer } from "./answer-record.ts";
import { answerBatch } from "./answer-batch.ts";
import { createKafkaLine, type Assignment, type KafkaLine, type Outgoing, type Place } from "./kafka-line.ts";
import { createLatencyMinute } from "./latency-minute.ts";
import { openRecordQueue, type RecordQueue } from "./record-queue.ts";

export type StreamWorkerOptions = {
  readonly brokers: readonly string[];
  readonly runtimeName: string;
  readonly bootId: string;
  readonly inference: Inference;
  readonly router: Router;
  readonly log: Logger;
};

/** One stream on this runtime. */
export type StreamWorker = {
  want(stream: DesiredStream): void;
  /** What is true of it now. */
  report(): StreamReport;
  /** Gives up what is under way and leaves the group. */
  stop(): Promise<void>;
};

const IDLE_MS = 1000;
/** Ends of the topic are asked for this often. */
const ENDS_MS = 2000;

const textOf = (error: unknown): string => {
  if (!(error instanceof Error)) return String(error);
  const inner = error instanceof AggregateError ? error.errors.map((one: unknown) => (one instanceof Error ? one.message : String(one))).join(" ") : "";
  return `${error.message} ${inner}`.trim().slice(0, 1000);
};

/**
 * Runs one stream: reads, answers by the router, and commits answers and offsets together; after anything that fails it starts again from what
 * is committed. Nothing is kept here that the next process would need.
 */
export function createStreamWorker(options: StreamWorkerOptions, first: DesiredStream): StreamWorker {
  const { router, inference, log } = options;
  const stopping = new AbortController();
  const { signal } = stopping;
  const wake: Wake = createWake();
  const minute = createLatencyMinute(() => performance.now());
  let desired = first;
  let state: StreamReport["state"] = "starting";
  let problem: string | null = null;
  let ends: readonly bigint[] = [];
  let endsAtMs = Number.NEGATIVE_INFINITY;
  const counts = { answered: 0, deadLettered: 0, shadowed: 0, retried: 0 };
  const places = new Map<number, Place>();
  /** Answers of a shadow that wait for the next transaction. */
  let shadows: Outgoing[] = [];

  const keepShadow = (record: StreamRecord, { value, headers }: WrittenAnswer): void => {
    const { shadowTopic } = desired;
    if (shadowTopic === null || shadows.length >= 4 * desired.maxInFlight) return;
    shadows.push({ topic: shadowTopic, value, headers: new Map(headers), ...(record.key === null ? { partition: record.partition } : { key: record.key }) });
    wake.set();
  };

  const commit = async (line: KafkaLine, held: Assignment, moved: readonly Place[], records: Outgoing[]): Promise<void> => {
    const copies = shadows;
    shadows = [];
    await line.commit(held, moved, [...records, ...copies]);
    counts.shadowed += copies.length;
    for (const place of moved) places.set(place.partition, place);
  };

  /** Sends partitions back that have not gone through the newest roll back: once, as the note beside the offset says. */
  const goBack = async (line: KafkaLine, held: Assignment, earliest: ReadonlyMap<number, bigint>): Promise<void> => {
    const { rollback } = desired;
    if (rollback === null) return;
    const due = [...places.values()].filter(({ note }) => note.rollbackSeq < rollback.seq);
    if (due.length === 0) return;
    const moved = due.map((place): Place => {
      const owed = owedOffset(rollback.to, place.partition, place.note.rollbackSeq);
      const wanted = owed === null ? place.next : BigInt(owed);
      const start = earliest.get(place.partition) ?? 0n;
      const back = wanted < start ? start : wanted;
      // Records before the present epoch's first are answered again by it: its replay point is the first of those.
      const goesBack = back < place.next;
      return { partition: place.partition, next: goesBack ? back : place.next, note: { since: goesBack ? null : place.note.since, rollbackSeq: rollback.seq } };
    });
    await commit(line, held, moved, []);
    log.info({ stream: desired.name, rollback: rollback.seq, partitions: moved.map(({ partition, next }) => `${partition}:${next}`) }, "The stream went back");
  };

  const onWait = (why: string): void => {
    problem = why;
  };

  const answer = async (line: KafkaLine, held: Assignment, batch: readonly StreamRecord[], isOver: () => boolean): Promise<boolean> => {
    const endpoint = router.find(desired.endpoint);
    const table = endpoint?.table ?? null;
    if (endpoint === undefined || table === null) {
      problem = `No version of ${desired.endpoint} is loaded here yet.`;
      await pause(200, signal);
      return false;
    }
    const done = await answerBatch({ inference, stream: desired, state: endpoint, table, onShadow: desired.shadowTopic === null ? null : keepShadow, isOver, signal, onWait }, batch);
    if (done === null) return false;
    const moved = new Map<number, Place>();
    for (const { partition, offset } of batch) {
      const note = (moved.get(partition) ?? places.get(partition))?.note ?? { rollbackSeq: 0, since: null };
      const since = note.since?.epoch === table.epoch ? note.since : { epoch: table.epoch, offset: Number(offset) };
      moved.set(partition, { partition, next: offset + 1n, note: { ...note, since } });
    }
    await commit(line, held, [...moved.values()], done.records);
    problem = null;
    const now = Date.now();
    for (const { timestampMs } of batch) minute.add(now - timestampMs);
    counts.answered += done.answered;
    counts.deadLettered += done.deadLettered;
    return true;
  };

  const lookAtEnds = async (line: KafkaLine): Promise<void> => {
    if (performance.now() - endsAtMs < ENDS_MS) return;
    endsAtMs = performance.now();
    ends = await line.ends();
  };

  /** Until the group is divided anew, or something else is wanted. */
  const work = async (line: KafkaLine, held: Assignment, queue: RecordQueue, isOver: () => boolean): Promise<void> => {
    let batch: StreamRecord[] = [];
    while (!isOver()) {
      await lookAtEnds(line);
      if (batch.length === 0) batch = queue.take(desired.maxInFlight);
      if (batch.length > 0) {
        if (await answer(line, held, batch, isOver)) batch = [];
        continue;
      }
      if (shadows.length > 0) await commit(line, held, [...places.values()].slice(0, 1), []);
      else await wake.wait(IDLE_MS, signal);
    }
  };

  const session = async (line: KafkaLine): Promise<void> => {
    const opened = desired;
    let divisions = 0;
    let isDivided = false;
    line.onDivided((isDone) => {
      divisions += 1;
      isDivided = isDone;
      wake.set();
    });
    await line.open();
    const isOther = (): boolean => signal.aborted || desired.state === "paused" || desired.groupId !== opened.groupId;
    while (!isOther()) {
      const seen = divisions;
      const held = line.assignment();
      const isOver = (): boolean => isOther() || divisions !== seen || desired.rollback?.seq !== rollbackSeq;
      const rollbackSeq = desired.rollback?.seq;
      places.clear();
      if (!isDivided || held.partitions.length === 0) {
        state = isDivided ? "running" : "starting";
        await wake.wait(IDLE_MS, signal);
        continue;
      }
      const known = await line.places(held);
      for (const place of known.places) places.set(place.partition, place);
      await goBack(line, held, known.earliest);
      const queue = openRecordQueue(await line.read([...places.values()]), 2 * desired.maxInFlight, wake);
      state = "running";
      try {
        await work(line, held, queue, isOver);
      } finally {
        await queue.close();
      }
    }
  };

  const run = async (): Promise<void> => {
    let failures = 0;
    while (!signal.aborted) {
      if (desired.state === "paused") {
        state = "paused";
        problem = null;
        await wake.wait(60_000, signal);
        continue;
      }
      if (state !== "failing") state = "starting";
      const line = createKafkaLine(options.brokers, options.runtimeName, desired);
      const answeredBefore = counts.answered + counts.deadLettered;
      try {
        await session(line);
      } catch (error) {
        if (counts.answered + counts.deadLettered > answeredBefore) failures = 0;
        if (!signal.aborted) {
          state = "failing";
          problem = textOf(error);
          counts.retried += 1;
          if (failures === 0) log.warn({ stream: desired.name, problem }, "The stream starts again from what is committed");
        }
        failures += 1;
      }
      await line.close();
      shadows = [];
      // Whoever has the partitions now speaks for them; a paused stream has nobody else.
      if (state === "failing") {
        places.clear();
        await pause(retryDelayMs(failures, Math.random()), signal);
      }
    }
  };
  const running = run();

  const pointsNow = (): ReplayPoint[] =>
    [...places.values()].flatMap(({ partition, note }) => (note.since === null ? [] : [{ partition, epoch: note.since.epoch, offset: note.since.offset }]));

  return {
    want(stream) {
      desired = stream;
      wake.set();
    },
    report() {
      const held = [...places.values()];
      const seqs = held.map(({ note }) => note.rollbackSeq);
      return {
        bootId: options.bootId,
        state,
        problem,
        rollbackSeq: seqs.length === 0 ? 0 : Math.min(...seqs),
        partitions: held.map(({ partition, next }) => ({ partition, next: Number(next), end: Math.max(Number(next), Number(ends[partition] ?? next)) })),
        points: pointsNow(),
        ...counts,
        ...minute.read(),
      };
    },
    async stop() {
      stopping.abort();
      wake.set();
      await running;
    },
  };
}
