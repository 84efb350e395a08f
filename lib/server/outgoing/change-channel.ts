import { z } from "zod";
import { changeChannelBody, channelKind } from "#lib/contracts/outgoing-api.ts";
import { TEST_EVENT, type OutgoingEvent } from "#lib/domain/outgoing/events.ts";
import { AppError } from "#lib/domain/errors.ts";
import { command, unchanged } from "../command.ts";
import type { ChannelRecord } from "../db/outgoing-repository.ts";
import { newId } from "../new-id.ts";
import type { AuditTarget, UnitOfWork } from "../ports.ts";

const bytes = z.instanceof(Uint8Array);
const targetsOf = (channel: Pick<ChannelRecord, "id" | "name">): AuditTarget[] => [{ type: "channel", id: channel.id, name: channel.name, digest: null }];

async function locateChannel(tx: UnitOfWork, channelId: string) {
  const channel = await tx.outgoing.getChannel(channelId);
  return { environmentId: null, targets: targetsOf(channel), channel };
}

async function requireFreeName(tx: UnitOfWork, name: string, own: string | null): Promise<void> {
  const taken = await tx.outgoing.findChannelByName(name);
  if (taken === null || taken.id === own) return;
  throw new AppError("already_exists", `There is a channel named ${name}.`, { errors: [{ pointer: "/name", message: "This name is taken." }] });
}

/** A new channel, its address and secret sealed by the caller. What the trail says of the address is what people may see. */
export const insertChannel = command({
  name: "create-channel",
  permission: "channel:manage",
  input: z.strictObject({
    id: z.uuid(),
    name: z.string(),
    kind: channelKind,
    sealedAddress: bytes,
    sealedSecret: bytes.nullable(),
    shownAddress: z.string(),
    events: z.array(z.string()),
    environments: z.array(z.uuid()),
  }),
  async run({ tx, actor, input }) {
    if (actor.userId === null) throw new AppError("forbidden", "A channel needs a person as its creator.");
    await requireFreeName(tx, input.name, null);
    await tx.outgoing.insertChannel({ ...input, createdById: actor.userId });
    const { kind, shownAddress, events, environments } = input;
    return { result: null, audit: { action: "channel.created", targets: targetsOf(input), after: { kind, address: shownAddress, events, environments } } };
  },
});

export const changeChannel = command({
  name: "change-channel",
  permission: "channel:manage",
  input: changeChannelBody.extend({ channelId: z.uuid() }),
  locate: ({ tx, input }) => locateChannel(tx, input.channelId),
  async run({ tx, input: given, located: { channel, targets } }) {
    if (given.name !== undefined) await requireFreeName(tx, given.name, channel.id);
    const { name = channel.name, events = [...channel.events], environments = [...channel.environments], enabled = channel.enabled } = given;
    const change = { name, events, environments, enabled };
    const before = { name: channel.name, events: [...channel.events], environments: [...channel.environments], enabled: channel.enabled };
    if (JSON.stringify(change) === JSON.stringify(before)) return unchanged({ channelId: channel.id });
    await tx.outgoing.changeChannel(channel, { ...change, ...(enabled ? { disabledReason: null } : {}) });
    return { result: { channelId: channel.id }, audit: { action: "channel.changed", targets, before, after: change } };
  },
});

export const removeChannel = command({
  name: "remove-channel",
  permission: "channel:manage",
  input: z.strictObject({ channelId: z.uuid() }),
  locate: ({ tx, input }) => locateChannel(tx, input.channelId),
  async run({ tx, located: { channel, targets } }) {
    await tx.outgoing.deleteChannel(channel);
    return { result: { channelId: channel.id }, audit: { action: "channel.removed", targets } };
  },
});

/** Turned off by ourselves, with the reason. */
export const disableChannel = command({
  name: "disable-channel",
  permission: "channel:manage",
  input: z.strictObject({ channelId: z.uuid(), reason: z.string().max(300) }),
  locate: ({ tx, input }) => locateChannel(tx, input.channelId),
  async run({ tx, input, located: { channel, targets } }) {
    if (!channel.enabled) return unchanged(null);
    await tx.outgoing.changeChannel(channel, { enabled: false, disabledReason: input.reason });
    return { result: null, audit: { action: "channel.disabled", targets, reason: input.reason } };
  },
});

const testEvent = (id: string, name: string, by: string, now: Date, publicUrl: string): OutgoingEvent => ({
  specversion: "1.0",
  id,
  source: publicUrl,
  type: `slipway.${TEST_EVENT}`,
  subject: "",
  time: now.toISOString(),
  datacontenttype: "application/json",
  data: {
    title: `Test message to ${name}`,
    text: "Messages from this installation arrive here.",
    severity: "note",
    actor: { type: "person", name: by },
    targets: [],
    reason: null,
    sequence: null,
    url: `${publicUrl}/settings/channels`,
  },
});

/** Queues a test message. */
export const testChannel = command({
  name: "test-channel",
  permission: "channel:manage",
  input: z.strictObject({ channelId: z.uuid(), publicUrl: z.url() }),
  locate: ({ tx, input }) => locateChannel(tx, input.channelId),
  async run({ tx, actor, input, now, located: { channel, targets } }) {
    const [id, eventId] = [newId(), newId()];
    const event = testEvent(eventId, channel.name, actor.name, now, input.publicUrl);
    await tx.outgoing.insertDeliveries([{ id, channelId: channel.id, eventId, eventType: TEST_EVENT, event }], now);
    return { result: { deliveryId: id }, audit: { action: "delivery.replayed", targets: [{ type: "delivery", id, name: "Test message", digest: null }, ...targets] } };
  },
});

/** Sends a message again, with the id it had: a receiver that has seen it drops it. One that still waits for its next try is tried at once. */
export const replayDelivery = command({
  name: "replay-delivery",
  permission: "channel:manage",
  input: z.strictObject({ deliveryId: z.uuid() }),
  async locate({ tx, input }) {
    const delivery = await tx.outgoing.getDelivery(input.deliveryId);
    return { ...(await locateChannel(tx, delivery.channelId)), delivery };
  },
  async run({ tx, now, located: { delivery, targets } }) {
    const { channelId, eventId, eventType, event } = delivery;
    const id = delivery.state === "waiting" ? delivery.id : newId();
    if (id === delivery.id) await tx.outgoing.tryNow(id, now);
    else await tx.outgoing.insertDeliveries([{ id, channelId, eventId, eventType, event }], now);
    return { result: { deliveryId: id }, audit: { action: "delivery.replayed", targets: [{ type: "delivery", id, name: eventType, digest: null }, ...targets] } };
  },
});
