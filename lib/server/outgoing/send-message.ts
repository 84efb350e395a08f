import { createTransport } from "nodemailer";
import { letter, slackMessage, teamsMessage } from "#lib/domain/outgoing/messages.ts";
import type { OutgoingEvent } from "#lib/domain/outgoing/events.ts";
import type { ChannelKind } from "../db/outgoing-repository.ts";
import type { AttemptOutcome } from "../db/outgoing-repository.ts";
import { guardedRequest, type Resolver } from "../net/guarded-request.ts";
import type { OutboundRules } from "../net/outbound-rules.ts";
import { SLIPWAY_VERSION } from "../slipway-version.ts";
import { signWebhook } from "./sign-webhook.ts";

const SMTP_TIMEOUT_MS = 10_000;

export type MailSettings = {
  /** `smtp://` or `smtps://`, with user and password where the server asks for them. */
  readonly url: string;
  readonly from: string;
};

export type Post = { readonly rules: OutboundRules; readonly mail: MailSettings | null; readonly resolve?: Resolver };

export type Message = {
  readonly kind: ChannelKind;
  readonly address: string;
  readonly secret: string | null;
  readonly eventId: string;
  readonly event: OutgoingEvent;
  /** The entry as an OpenLineage event, for channels of that kind. */
  readonly lineage: object | null;
};

/** What is sent to a channel of this kind, and as what. */
function bodyOf({ kind, event, lineage }: Message): { readonly type: string; readonly body: string } {
  if (kind === "slack") return { type: "application/json", body: JSON.stringify(slackMessage(event)) };
  if (kind === "openlineage") return { type: "application/json", body: JSON.stringify(lineage) };
  if (kind === "teams") return { type: "application/json", body: JSON.stringify(teamsMessage(event)) };
  return { type: "application/cloudevents+json; charset=utf-8", body: JSON.stringify(event) };
}

/** How the receiver knows who sends: a token where it asks for one, else a signature. */
function proofOf({ kind, secret, eventId }: Message, timestamp: number, body: string): Readonly<Record<string, string>> {
  if (secret === null) return {};
  return kind === "openlineage" ? { authorization: `Bearer ${secret}` } : signWebhook(secret, { id: eventId, timestamp, body });
}

async function byMail({ address, event }: Message, mail: MailSettings | null): Promise<AttemptOutcome> {
  if (mail === null) throw new Error("No mail server is set: SLIPWAY_SMTP_URL and SLIPWAY_SMTP_FROM.");
  const startedMs = performance.now();
  const transport = createTransport({
    url: mail.url,
    connectionTimeout: SMTP_TIMEOUT_MS,
    greetingTimeout: SMTP_TIMEOUT_MS,
    socketTimeout: SMTP_TIMEOUT_MS,
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  try {
    await transport.sendMail({ from: mail.from, to: address.split(",").map((one) => one.trim()), ...letter(event) });
  } finally {
    transport.close();
  }
  return { status: 250, tookMs: Math.round(performance.now() - startedMs), problem: null };
}

/** Tries to send one message. Never rejects: what went wrong is in the outcome, without a word of what the receiver answered. */
export async function sendMessage(message: Message, post: Post, nowMs: number): Promise<AttemptOutcome> {
  try {
    if (message.kind === "email") return await byMail(message, post.mail);
    const { type, body } = bodyOf(message);
    const proof = proofOf(message, Math.floor(nowMs / 1000), body);
    const { status, tookMs } = await guardedRequest({
      url: message.address,
      headers: { "content-type": type, "user-agent": `Slipway/${SLIPWAY_VERSION}`, ...proof },
      body,
      rules: post.rules,
      ...(post.resolve ? { resolve: post.resolve } : {}),
    });
    const isGood = status >= 200 && status < 300;
    const isMoved = status >= 300 && status < 400;
    return { status, tookMs, problem: isGood ? null : isMoved ? `HTTP ${String(status)}: redirects are not followed.` : `HTTP ${String(status)}` };
  } catch (error) {
    return { status: null, tookMs: 0, problem: (error instanceof Error ? error.message : String(error)).slice(0, 300) };
  }
}
