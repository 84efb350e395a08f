import { z } from "zod";
import { createChannelBody, type createdChannel } from "#lib/contracts/outgoing-api.ts";
import { AppError } from "#lib/domain/errors.ts";
import { parseOutboundUrl, type OutboundRules } from "../net/outbound-rules.ts";
import { newId } from "../new-id.ts";
import type { Actor } from "../ports.ts";
import type { Store } from "../store.ts";
import { insertChannel } from "./change-channel.ts";
import type { Seal } from "./sealed.ts";
import { newWebhookSecret } from "./sign-webhook.ts";

export type ChannelDesk = { readonly store: Store; readonly seal: Seal; readonly rules: OutboundRules; readonly hasMail: boolean };

const mailboxes = z.array(z.email()).min(1).max(20);

/** The address as it will be used, and as it may be shown: of a web address the host, because the path of a chat hook is its password. */
function readAddress(kind: string, address: string, desk: ChannelDesk): { address: string; shown: string } {
  if (kind !== "email") {
    const url = parseOutboundUrl(address, desk.rules);
    return { address: url.href, shown: url.host };
  }
  if (!desk.hasMail) {
    throw new AppError("invalid_input", "No mail server is set.", { hint: "The operator sets SLIPWAY_SMTP_URL and SLIPWAY_SMTP_FROM.", errors: [{ pointer: "/kind", message: "E-mail cannot be sent." }] });
  }
  const parsed = mailboxes.safeParse(address.split(",").map((one) => one.trim()));
  if (!parsed.success) throw new AppError("invalid_input", "These are no e-mail addresses.", { errors: [{ pointer: "/address", message: "Give addresses with commas between them." }] });
  const [first = ""] = parsed.data;
  const more = parsed.data.length > 1 ? ` and ${String(parsed.data.length - 1)} more` : "";
  return { address: parsed.data.join(", "), shown: `${first}${more}` };
}

/** Makes a channel. The signing secret of a webhook is answered this once and then only used. */
export const createChannel =
  (desk: ChannelDesk) =>
  async (actor: Actor, raw: z.input<typeof createChannelBody>): Promise<z.output<typeof createdChannel>> => {
    const { name, kind, events, environments, ...body } = createChannelBody.parse(raw);
    const { address, shown } = readAddress(kind, body.address, desk);
    if (body.token !== undefined && kind !== "openlineage") {
      throw new AppError("invalid_input", "Only receivers of OpenLineage events are given a token.", { errors: [{ pointer: "/token", message: "Leave it out for this kind." }] });
    }
    const secret = kind === "webhook" ? newWebhookSecret() : null;
    const sealed = secret ?? body.token ?? null;
    const id = newId();
    await insertChannel(desk.store)(actor, {
      id,
      name,
      kind,
      events,
      environments,
      sealedAddress: desk.seal.seal(address),
      sealedSecret: sealed === null ? null : desk.seal.seal(sealed),
      shownAddress: shown,
    });
    return { channelId: id, name, secret };
  };
