import { z } from "zod";
import { armRole } from "#lib/contracts/runtime-protocol.ts";
import { processState, STREAM_STATES } from "#lib/contracts/streams.ts";
import { openAct } from "./registry-parts.ts";
import { count, instant } from "./view-parts.ts";

/** What the screens of streams show. */

export const STREAM_HEALTH = ["running", "paused", "waiting", "failing", "silent"] as const;
export type StreamHealth = (typeof STREAM_HEALTH)[number];

const latency = z.object({ p50: z.number(), p99: z.number() });

export const streamRow = z.object({
  name: z.string(),
  endpointName: z.string(),
  environmentName: z.string(),
  inputTopic: z.string(),
  outputTopic: z.string(),
  /** What is asked for and what runtimes say of it, in one word. */
  health: z.enum(STREAM_HEALTH),
  /** Records not answered yet; null: nobody has said. */
  lag: count.nullable(),
  recordsPerSecond: z.number(),
  latencyMs: latency.nullable(),
  /** Records without an answer, by the processes heard from within a month. */
  deadLettered: count,
  reportedAt: instant.nullable(),
});
export type StreamRow = z.output<typeof streamRow>;

export const streamListView = z.object({ asOf: instant, streams: z.array(streamRow), mayRun: openAct });
export type StreamListView = z.output<typeof streamListView>;

const streamArm = z.object({ arm: armRole, versionName: z.string(), weightBp: count });
export type StreamArm = z.output<typeof streamArm>;

export const streamReplay = z.object({
  epoch: count,
  /** When the first record was answered under it. */
  recordedAt: instant,
  /** What had weight: version and share. */
  arms: z.array(streamArm),
  records: count,
  ranges: z.array(z.object({ partition: count, from: count, to: count, count })),
});
export type StreamReplay = z.output<typeof streamReplay>;

export const streamView = z.object({
  asOf: instant,
  stream: streamRow,
  say: z.string(),
  deadLetterTopic: z.string(),
  shadowTopic: z.string().nullable(),
  groupId: z.string(),
  maxInFlight: count,
  state: z.enum(STREAM_STATES),
  createdAt: instant,
  createdBy: z.string(),
  /** What has weight now, with its shadows; empty before the first deployment. */
  arms: z.array(streamArm),
  answered: count,
  shadowed: count,
  retried: count,
  partitions: z.array(z.object({ partition: count, next: count, end: count, lag: count, runtime: z.string(), reportedAt: instant })),
  runtimes: z.array(z.object({ runtime: z.string(), state: processState, problem: z.string().nullable(), reportedAt: instant, partitions: count })),
  /** Points that it can go back to, newest first, each with what would be answered again. */
  replays: z.array(streamReplay),
  /** The newest roll back; `applied` once every one of its partitions has gone back. */
  rollback: z.object({ seq: count, applied: z.boolean(), partitions: count, goneBack: count }).nullable(),
  mayRun: openAct,
  mayRollBack: openAct,
});
export type StreamView = z.output<typeof streamView>;

export const newStreamView = z.object({
  asOf: instant,
  endpoints: z.array(z.object({ name: z.string(), environmentName: z.string(), modelName: z.string() })),
  mayRun: openAct,
});
export type NewStreamView = z.output<typeof newStreamView>;
