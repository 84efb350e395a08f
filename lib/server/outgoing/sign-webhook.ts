import { createHmac, randomBytes } from "node:crypto";

/** Standard Webhooks 1.0: `whsec_` and the key in base64; the signature covers `id.timestamp.body`. */

const PREFIX = "whsec_";

export const newWebhookSecret = (): string => PREFIX + randomBytes(32).toString("base64");

export function signWebhook(secret: string, message: { readonly id: string; readonly timestamp: number; readonly body: string }): Readonly<Record<string, string>> {
  const key = Buffer.from(secret.startsWith(PREFIX) ? secret.slice(PREFIX.length) : secret, "base64");
  const signed = `${message.id}.${String(message.timestamp)}.${message.body}`;
  return {
    "webhook-id": message.id,
    "webhook-timestamp": String(message.timestamp),
    "webhook-signature": `v1,${createHmac("sha256", key).update(signed).digest("base64")}`,
  };
}
