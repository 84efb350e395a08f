import { type ControlPlaneSettings, SettingsError } from "../env.ts";
import type { Resolver } from "../net/guarded-request.ts";
import { parseOutboundRules } from "../net/outbound-rules.ts";
import type { Actor } from "../ports.ts";
import type { Store } from "../store.ts";
import { testChannel } from "./change-channel.ts";
import { collectEvents } from "./collect-events.ts";
import { createChannel } from "./create-channel.ts";
import { deliverDue } from "./deliver-messages.ts";
import { createSeal } from "./sealed.ts";

/** What of the outgoing messages needs more than the database: secrets, the mail server and the network. */
export type MessageDesk = {
  readonly hasMail: boolean;
  createChannel: ReturnType<typeof createChannel>;
  testChannel(actor: Actor, channelId: string): Promise<{ readonly deliveryId: string }>;
  /** Reads the trail for events and sends whatever is due. */
  sendDue(): Promise<void>;
};

const KEPT_DAYS = 90;
const PRUNE_EVERY_MS = 3_600_000;

export function createMessageDesk(
  store: Store,
  settings: Pick<ControlPlaneSettings, "secret" | "publicUrl" | "mail" | "outboundAllow">,
  resolve?: Resolver,
): MessageDesk {
  const rules = parseOutboundRules(settings.outboundAllow);
  if ("problem" in rules) throw new SettingsError(`SLIPWAY_OUTBOUND_ALLOW: "${rules.problem}" is neither a host, host:port nor a network such as 10.0.0.0/8.`);
  const seal = createSeal(settings.secret, "channels");
  const post = { rules, mail: settings.mail, ...(resolve ? { resolve } : {}) };
  let prunedAt = Number.NEGATIVE_INFINITY;
  return {
    hasMail: settings.mail !== null,
    createChannel: createChannel({ store, seal, rules, hasMail: settings.mail !== null }),
    testChannel: (actor, channelId) => testChannel(store)(actor, { channelId, publicUrl: settings.publicUrl }),
    async sendDue() {
      await collectEvents(store, settings.publicUrl);
      await deliverDue({ store, seal, post, random: Math.random });
      if (performance.now() - prunedAt < PRUNE_EVERY_MS) return;
      prunedAt = performance.now();
      await store.telemetry(({ outgoing }) => outgoing.pruneDeliveries(KEPT_DAYS));
    },
  };
}
