import { z } from "zod";
import { slug } from "./registry-api.ts";

/** Streams: what people send, and what crosses between control plane and runtimes. */

const count = z.number().int().nonnegative().max(Number.MAX_SAFE_INTEGER);

/** A topic's name as Kafka allows it. */
export const topicName = z
  .string()
  .regex(/^(?!\.{1,2}$)[A-Za-z0-9._-]{1,249}$/, "Use 1 to 249 letters, digits, dots, underscores and hyphens.");

export const partitionOffset = z.object({ partition: z.number().int().nonnegative().max(1_000_000), offset: count });
/** Where a partition goes back to, and by which roll back: one that its holder has gone through already does not count any more. */
export const rollbackTarget = partitionOffset.extend({ seq: count });
export type RollbackTarget = z.output<typeof rollbackTarget>;

const binding = {
  name: slug,
  endpoint: slug,
  inputTopic: topicName,
  outputTopic: topicName,
  deadLetterTopic: topicName,
  /** Answers of a shadow version; null: they are compared and not kept. */
  shadowTopic: topicName.nullable().default(null),
  /** Consumer group; its offsets are this stream's place in the topic. */
  groupId: z.string().regex(/^[!-~]{1,200}$/, "Use 1 to 200 visible ASCII characters, without spaces."),
  /** Records that are answered and committed together. */
  maxInFlight: z.number().int().min(1).max(1024).default(64),
};

export const createStreamBody = z.strictObject(binding).superRefine((stream, context) => {
  if (stream.name === "new") context.addIssue({ code: "custom", path: ["name"], message: "Choose another name: this one is the address of the form." });
  const topics = [stream.inputTopic, stream.outputTopic, stream.deadLetterTopic, stream.shadowTopic].filter((topic) => topic !== null);
  if (new Set(topics).size < topics.length)
    context.addIssue({ code: "custom", path: ["outputTopic"], message: "Each topic of a stream is another one: a stream must not read what it wrote." });
});
export type CreateStreamBody = z.output<typeof createStreamBody>;

export const STREAM_STATES = ["running", "paused"] as const;
export const streamState = z.enum(STREAM_STATES);
export type StreamState = z.output<typeof streamState>;

/** A stream as runtimes are to run it. */
export const desiredStream = z.object({
  streamId: z.uuid(),
  ...binding,
  endpointId: z.uuid(),
  state: streamState,
  /** The newest roll back by its rising `seq`, and where each partition goes for it and for earlier ones that are not known to be gone through. */
  rollback: z.object({ seq: count, to: z.array(rollbackTarget).max(100_000) }).nullable(),
});
export type DesiredStream = z.output<typeof desiredStream>;

/** The first record of a partition that was answered under an epoch. */
export const replayPoint = partitionOffset.extend({ epoch: count });
export type ReplayPoint = z.output<typeof replayPoint>;

/** `starting`: joins the group, or waits for another member; `failing`: tries again after the problem that it names. */
export const processState = z.enum(["starting", "running", "paused", "failing"]);

/** What one process says of a stream: the whole truth each time, so the newest wins. */
export const streamReport = z.strictObject({
  bootId: z.uuid(),
  state: processState,
  problem: z.string().max(1000).nullable(),
  /** The newest roll back that every partition held here has gone through. */
  rollbackSeq: count,
  /** Partitions held: the next record to answer, and the end of the topic. */
  partitions: z.array(z.strictObject({ partition: count, next: count, end: count })).max(10_000),
  points: z.array(z.strictObject({ partition: count, offset: count, epoch: count })).max(10_000),
  /** Since the process started. */
  answered: count,
  deadLettered: count,
  shadowed: count,
  /** Transactions given up and done again. */
  retried: count,
  recordsPerSecond: z.number().nonnegative(),
  /** From the time of the record to the commit of its answer, over the last minute; null: no record. */
  latencyMs: z.strictObject({ p50: z.number().nonnegative(), p99: z.number().nonnegative() }).nullable(),
});
export type StreamReport = z.output<typeof streamReport>;
