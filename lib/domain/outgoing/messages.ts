import type { OutgoingEvent } from "./events.ts";

/** The bodies that chat services and people read. */

/** Slack's incoming webhook; Mattermost, Rocket.Chat and others take the same. The text is sent as plain text, so that a name cannot become a link or mention. */
export function slackMessage({ data }: OutgoingEvent): object {
  return {
    text: `${data.title}${data.text === "" ? "" : `\n${data.text}`}`,
    blocks: [
      { type: "section", text: { type: "plain_text", text: data.title.slice(0, 3000), emoji: false } },
      ...(data.text === "" ? [] : [{ type: "section", text: { type: "plain_text", text: data.text.slice(0, 3000), emoji: false } }]),
      { type: "actions", elements: [{ type: "button", text: { type: "plain_text", text: "Open in Slipway" }, url: data.url }] },
      { type: "context", elements: [{ type: "plain_text", text: `By ${data.actor.name}`.slice(0, 300) }] },
    ],
  };
}

/** A card for a Teams workflow ("When a Teams webhook request is received"). */
export function teamsMessage({ data }: OutgoingEvent): object {
  const block = (text: string, more: object = {}): object => ({ type: "TextBlock", text, wrap: true, ...more });
  return {
    type: "message",
    attachments: [
      {
        contentType: "application/vnd.microsoft.card.adaptive",
        contentUrl: null,
        content: {
          $schema: "http://adaptivecards.io/schemas/adaptive-card.json",
          type: "AdaptiveCard",
          version: "1.4",
          body: [block(data.title, { weight: "Bolder" }), ...(data.text === "" ? [] : [block(data.text)]), block(`By ${data.actor.name}`, { isSubtle: true })],
          actions: [{ type: "Action.OpenUrl", title: "Open in Slipway", url: data.url }],
        },
      },
    ],
  };
}

export type Letter = { readonly subject: string; readonly text: string };

/** An e-mail in plain text. Line breaks never reach the subject: they would begin a header of their own. */
export function letter({ data, type, time }: OutgoingEvent): Letter {
  const subject = `[Slipway] ${data.title}`.replace(/[\r\n\u2028\u2029]+/g, " ").slice(0, 200);
  const reason = data.reason !== null && data.reason !== data.text ? `Reason: ${data.reason}` : null;
  const lines = [data.title, "", data.text, reason, "", data.url, "", `By ${data.actor.name}, ${time}, ${type}`];
  return { subject, text: lines.filter((line): line is string => line !== null).join("\n") };
}
