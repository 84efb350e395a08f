import { allowsSomewhere } from "#lib/domain/access/permissions.ts";
import type { Actor } from "#lib/server/ports.ts";

/** Which parts of the settings this person may open. */
export const settingsPlaces = (actor: Actor) => ({
  people: allowsSomewhere(actor, "person:read"),
  singleSignOn: allowsSomewhere(actor, "person:read"),
  serviceAccounts: allowsSomewhere(actor, "person:read"),
  tokens: allowsSomewhere(actor, "token:read"),
  channels: allowsSomewhere(actor, "channel:read"),
  signing: allowsSomewhere(actor, "signing:read"),
  retention: allowsSomewhere(actor, "retention:read"),
  installation: allowsSomewhere(actor, "token:read"),
});
