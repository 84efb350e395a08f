import { retryAfter } from "#lib/domain/outgoing/events.ts";
import type { AttemptOutcome, DeliveryRecord } from "../db/outgoing-repository.ts";
import { systemActor } from "../ports.ts";
import type { Store } from "../store.ts";
import { disableChannel } from "./change-channel.ts";
import type { Seal } from "./sealed.ts";
import { lineageMessage } from "./lineage-message.ts";
import { sendMessage, type Post } from "./send-message.ts";

const BATCH = 20;
/** Longer than a try takes: then another replica may take the message over. */
const HOLD_SECONDS = 60;
const DAY_MS = 86_400_000;
const GIVEN_UP_AFTER_MS = 5 * DAY_MS;

export type Mailroom = { readonly store: Store; readonly seal: Seal; readonly post: Post; readonly random: () => number };

async function deliver({ store, seal, post, random }: Mailroom, delivery: DeliveryRecord): Promise<void> {
  const channel = (await store.read((db) => db.outgoing.listChannels())).find(({ id }) => id === delivery.channelId);
  const record = async (outcome: AttemptOutcome, retry: number | null): Promise<void> => {
    await store.telemetry(async ({ outgoing }, now, publish) => {
      await outgoing.recordAttempt(delivery, outcome, retry, now);
      await publish([`delivery:${delivery.channelId}`]);
    });
  };
  if (channel === undefined || !channel.enabled) return record({ status: null, tookMs: 0, problem: "The channel is off." }, null);
  const address = seal.open(channel.sealedAddress);
  const secret = channel.sealedSecret === null ? null : seal.open(channel.sealedSecret);
  if (address === null || (channel.sealedSecret !== null && secret === null)) {
    return record({ status: null, tookMs: 0, problem: "The address was stored under another SLIPWAY_SECRET. Enter it again." }, null);
  }
  const lineage = channel.kind === "openlineage" ? await store.read((db) => lineageMessage(db, delivery.event, delivery.eventId)) : null;
  const message = { kind: channel.kind, address, secret, eventId: delivery.eventId, event: delivery.event, lineage };
  const outcome = await sendMessage(message, post, Date.now());
  // 410 says that nobody will ever listen there again.
  const isGone = outcome.status === 410;
  const retry = isGone ? null : retryAfter(delivery.attempts, random());
  await record(outcome, retry);
  if (outcome.problem !== null && retry === null) await giveUp(store, channel.id, channel.createdAt, isGone);
}

/** Nothing arrived for five days, or the receiver is gone for good: stop, and say so. */
async function giveUp(store: Store, channelId: string, since: Date, isGone: boolean): Promise<void> {
  const last = (await store.read((db) => db.outgoing.lastSuccess(channelId))) ?? since;
  if (!isGone && Date.now() - last.getTime() < GIVEN_UP_AFTER_MS) return;
  const reason = isGone ? "The receiver answered 410 Gone." : "Nothing has arrived for five days.";
  await disableChannel(store)(systemActor("Mailroom"), { channelId, reason });
}

/** Sends what is due, several at once. Answers how many were tried. */
export async function deliverDue(room: Mailroom): Promise<number> {
  let done = 0;
  for (;;) {
    const taken = await room.store.telemetry(({ outgoing }) => outgoing.takeDeliveries(BATCH, HOLD_SECONDS));
    await Promise.all(taken.map((delivery) => deliver(room, delivery)));
    done += taken.length;
    if (taken.length < BATCH) return done;
  }
}
