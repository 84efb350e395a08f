import { describe, expect, it } from "vitest";
import { eventOf, eventPatterns, eventTypes, RETRY_SECONDS, retryAfter, wants, type TrailEntry } from "./events.ts";
import { letter, slackMessage, teamsMessage } from "./messages.ts";

const entry: TrailEntry = {
  id: "0195c3a0-0000-7000-8000-000000000001",
  seq: 41,
  ts: "2026-11-23T10:00:00.000Z",
  action: "alert.fired",
  actor: { type: "policy", name: "Monitors" },
  targets: [
    { type: "alert", id: "a", name: "Alert 7: Feature drift", digest: null },
    { type: "endpoint", id: "e", name: "credit-default", digest: null },
  ],
  after: { sentence: "utilisation: PSI 0.333; chance explains 0.033", severity: "page" },
  reason: null,
};

describe("events that leave the installation", () => {
  it("are CloudEvents that lead back to the page and to the entry of the trail", () => {
    expect(eventOf(entry, "https://slipway.example")).toEqual({
      specversion: "1.0",
      id: entry.id,
      source: "https://slipway.example",
      type: "slipway.alert.fired",
      subject: "alert/a",
      time: entry.ts,
      datacontenttype: "application/json",
      data: {
        title: "Alert fired: Alert 7: Feature drift (credit-default)",
        text: "utilisation: PSI 0.333; chance explains 0.033",
        severity: "page",
        actor: { type: "policy", name: "Monitors" },
        targets: entry.targets,
        reason: null,
        state: null,
        sequence: 41,
        url: "https://slipway.example/endpoints/credit-default/monitoring",
      },
    });
  });

  it("go to the channels that name them, everywhere or in their environments", () => {
    const event = { type: "alert.fired", environmentId: "production" };
    expect(wants({ events: ["alert.*"], environments: [] }, event)).toBe(true);
    expect(wants({ events: ["alert.fired"], environments: ["production"] }, event)).toBe(true);
    expect(wants({ events: ["alert.resolved"], environments: [] }, event)).toBe(false);
    expect(wants({ events: ["alert.*"], environments: ["staging"] }, event)).toBe(false);
    expect(wants({ events: ["release.*"], environments: [] }, { type: "release.approved", environmentId: null })).toBe(true);
    expect(eventTypes).toContain("release.rolled_back");
    expect(eventTypes.some((type) => type.startsWith("session.") || type.startsWith("token."))).toBe(false);
    expect(eventPatterns).toContain("incident.*");
  });

  it("are tried again after growing waits, and then no more", () => {
    expect(RETRY_SECONDS).toHaveLength(8);
    expect(retryAfter(1, 0)).toBe(5);
    expect(retryAfter(2, 1)).toBeCloseTo(330, 9);
    expect(retryAfter(9, 0)).toBeNull();
  });

  it("cannot smuggle a mention, a link or a header", () => {
    const hostile = eventOf({ ...entry, targets: [{ type: "model", id: "m", name: "<!channel> *x*\r\nBcc: evil@example.com", digest: null }] }, "https://s.example");
    const blocks = JSON.stringify(slackMessage(hostile));
    expect(blocks).not.toContain("mrkdwn");
    expect(letter(hostile).subject).not.toMatch(/[\r\n]/);
    expect(letter(hostile).subject.startsWith("[Slipway] ")).toBe(true);
    expect(JSON.stringify(teamsMessage(hostile))).toContain('"version":"1.4"');
  });
});
