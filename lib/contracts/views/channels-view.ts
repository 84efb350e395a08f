import { z } from "zod";
import { channelKind } from "#lib/contracts/outgoing-api.ts";
import { openAct } from "./registry-parts.ts";
import { count, instant } from "./view-parts.ts";

/** GET /api/v1/views/channels and /api/v1/views/channels/{channelId}. */

export const channelRow = z.object({
  channelId: z.string(),
  name: z.string(),
  kind: channelKind,
  address: z.string(),
  events: z.array(z.string()),
  environments: z.array(z.string()),
  enabled: z.boolean(),
  disabledReason: z.string().nullable(),
  /** Of the last seven days. */
  delivered: count,
  failed: count,
  waiting: count,
  newestDeliveredAt: instant.nullable(),
});
export type ChannelRow = z.output<typeof channelRow>;

export const channelsView = z.object({
  asOf: instant,
  channels: z.array(channelRow),
  environments: z.array(z.object({ id: z.string(), name: z.string() })),
  patterns: z.array(z.object({ pattern: z.string(), label: z.string() })),
  hasMail: z.boolean(),
  mayManage: openAct,
});
export type ChannelsView = z.output<typeof channelsView>;

export const deliveryRow = z.object({
  deliveryId: z.string(),
  eventId: z.string(),
  eventType: z.string(),
  title: z.string(),
  state: z.enum(["waiting", "delivered", "failed"]),
  attempts: count,
  createdAt: instant,
  nextAttemptAt: instant.nullable(),
  tries: z.array(z.object({ number: count, at: instant, status: count.nullable(), tookMs: count, problem: z.string().nullable() })),
  /** The message as it is sent to a webhook, JSON. */
  body: z.string(),
});
export type DeliveryRow = z.output<typeof deliveryRow>;

export const channelViewQuery = z.strictObject({ before: instant.nullable().default(null) });
export const channelView = z.object({
  asOf: instant,
  channel: channelRow,
  deliveries: z.array(deliveryRow),
  next: instant.nullable(),
  mayManage: openAct,
});
export type ChannelView = z.output<typeof channelView>;
