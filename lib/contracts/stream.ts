import { z } from "zod";

/**
 * Server-sent events of `GET /api/v1/stream`. They carry no data of their own: a change names what to read again,
 * so a lost event costs a late picture and never a wrong one. `tick` comes once a second while the stream lives.
 */
export const streamTopics = [
  "release",
  "model",
  "endpoint",
  "batch",
  "stream",
  "audit",
  "people",
  "environment",
  "monitoring",
  "outgoing",
] as const;
export const streamTopic = z.enum(streamTopics);
export type StreamTopic = z.output<typeof streamTopic>;

/** `event: change`. One message a second at most; what happened in between is in the list once. */
export const streamChange = z.object({
  at: z.iso.datetime({ offset: false }),
  /** `id` null: something in this topic changed, for lists. */
  changes: z.array(z.object({ topic: streamTopic, id: z.string().nullable() })).max(500),
});
export type StreamChange = z.output<typeof streamChange>;

/** `event: tick`. */
export const streamTick = z.object({ at: z.iso.datetime({ offset: false }) });
