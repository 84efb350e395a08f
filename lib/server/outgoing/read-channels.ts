import { z } from "zod";
import type { ChannelRow, ChannelsView, ChannelView, DeliveryRow } from "#lib/contracts/views/channels-view.ts";
import { channelViewQuery } from "#lib/contracts/views/channels-view.ts";
import { eventLabel, eventPatterns } from "#lib/domain/outgoing/events.ts";
import type { ChannelRecord, DeliveryRecord } from "../db/outgoing-repository.ts";
import type { ReadModels } from "../ports.ts";
import { query } from "../read.ts";
import { actFor } from "../registry/views/open-acts.ts";

const PAGE = 50;
const WEEK_MS = 7 * 86_400_000;

type Tallies = Awaited<ReturnType<ReadModels["outgoing"]["channelTallies"]>>;

function channelRow(channel: ChannelRecord, environments: ReadonlyMap<string, string>, tallies: Tallies): ChannelRow {
  const tally = tallies.get(channel.id);
  return {
    channelId: channel.id,
    name: channel.name,
    kind: channel.kind,
    address: channel.shownAddress,
    events: [...channel.events],
    environments: channel.environments.map((id) => environments.get(id) ?? "unknown"),
    enabled: channel.enabled,
    disabledReason: channel.disabledReason,
    delivered: tally?.delivered ?? 0,
    failed: tally?.failed ?? 0,
    waiting: tally?.waiting ?? 0,
    newestDeliveredAt: tally?.newest?.toISOString() ?? null,
  };
}

const patternLabel = (pattern: string): string => {
  const kind = pattern.slice(0, -2);
  return pattern.endsWith(".*") ? `Everything about ${kind}s` : eventLabel(pattern);
};

/** All channels with how they did in the last seven days. Addresses are shown by host or mailbox only. */
export const readChannels = query({
  name: "read-channels",
  permission: "channel:read",
  of: "many",
  input: z.strictObject({ hasMail: z.boolean() }),
  async run({ db, actor, input, now }): Promise<ChannelsView> {
    const environments = await db.endpoints.listEnvironments();
    const names = new Map(environments.map(({ id, name }) => [id, name]));
    const tallies = await db.outgoing.channelTallies(new Date(now.getTime() - WEEK_MS));
    return {
      asOf: now.toISOString(),
      channels: (await db.outgoing.listChannels()).map((channel) => channelRow(channel, names, tallies)),
      environments: environments.map(({ id, name }) => ({ id, name })),
      patterns: eventPatterns.map((pattern) => ({ pattern, label: patternLabel(pattern) })),
      hasMail: input.hasMail,
      mayManage: actFor(actor, "channel:manage", "administrators"),
    };
  },
});

type Attempts = Awaited<ReturnType<ReadModels["outgoing"]["attemptsOf"]>>;

const deliveryRow = (delivery: DeliveryRecord, attempts: Attempts): DeliveryRow => ({
  deliveryId: delivery.id,
  eventId: delivery.eventId,
  eventType: delivery.eventType,
  title: delivery.event.data.title,
  state: delivery.state,
  attempts: delivery.attempts,
  createdAt: delivery.createdAt.toISOString(),
  nextAttemptAt: delivery.nextAttemptAt?.toISOString() ?? null,
  tries: attempts
    .filter(({ deliveryId }) => deliveryId === delivery.id)
    .map(({ number, at, status, tookMs, problem }) => ({ number, at: at.toISOString(), status, tookMs, problem })),
  body: JSON.stringify(delivery.event, null, 2),
});

/** One channel and what was sent to it, newest first, with every try. */
export const readChannel = query({
  name: "read-channel",
  permission: "channel:read",
  of: "one",
  input: channelViewQuery.extend({ channelId: z.uuid() }),
  async run({ db, actor, input, now, authorise }): Promise<ChannelView> {
    const channel = await db.outgoing.getChannel(input.channelId);
    authorise({ environmentId: null, targets: [{ type: "channel", id: channel.id, name: channel.name, digest: null }] });
    const names = new Map((await db.endpoints.listEnvironments()).map(({ id, name }) => [id, name]));
    const tallies = await db.outgoing.channelTallies(new Date(now.getTime() - WEEK_MS));
    const found = await db.outgoing.deliveriesOf(channel.id, input.before === null ? null : new Date(input.before), PAGE + 1);
    const page = found.slice(0, PAGE);
    const attempts = await db.outgoing.attemptsOf(page.map(({ id }) => id));
    return {
      asOf: now.toISOString(),
      channel: channelRow(channel, names, tallies),
      deliveries: page.map((delivery) => deliveryRow(delivery, attempts)),
      next: found.length > PAGE ? (page.at(-1)?.createdAt.toISOString() ?? null) : null,
      mayManage: actFor(actor, "channel:manage", "administrators"),
    };
  },
});
