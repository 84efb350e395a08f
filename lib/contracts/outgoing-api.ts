import { z } from "zod";
import { eventPatterns } from "#lib/domain/outgoing/events.ts";

/** Channels and deliveries on the wire. Secrets go out once, when a channel is made; addresses never. */

export const channelKind = z.enum(["webhook", "slack", "teams", "email", "openlineage"]);
const name = z.string().trim().min(2, "Give it a name.").max(80);
const events = z.array(z.string().refine((pattern) => eventPatterns.includes(pattern), "There is no such event.")).min(1, "Choose at least one event.").max(100);
const environments = z.array(z.uuid()).max(100);

export const createChannelBody = z.strictObject({
  name,
  kind: channelKind,
  /** A web address, or e-mail addresses with commas between them. */
  address: z.string().trim().min(3).max(2048),
  /** Bearer token that the receiver of OpenLineage events asks for; kept sealed, never answered. */
  token: z.string().trim().min(1).max(4096).optional(),
  events,
  /** Empty: every environment. */
  environments: environments.default([]),
});
export type CreateChannelBody = z.output<typeof createChannelBody>;

export const changeChannelBody = z.strictObject({
  name: name.optional(),
  events: events.optional(),
  environments: environments.optional(),
  enabled: z.boolean().optional(),
});

export const createdChannel = z.object({
  channelId: z.string(),
  name: z.string(),
  /** Signing secret of a webhook, `whsec_...`; shown this once. Null for the others. */
  secret: z.string().nullable(),
});
