import { createHmac } from "node:crypto";
import { createServer, type IncomingHttpHeaders, type Server } from "node:http";
import { createServer as createMailServer, type Server as MailServer } from "node:net";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { OpenLineageEvent } from "#lib/domain/lineage/open-lineage.ts";
import type { Actor } from "../ports.ts";
import { openEnvironment, registerIris } from "../registry/views/registry-views.fixture.ts";
import { testApp, testPerson, type TestApp } from "../test-app.ts";

type Got = { readonly path: string; readonly headers: IncomingHttpHeaders; readonly body: string };

/** Speaks as much SMTP as a client needs to hand a letter over. */
function mailServer(letters: string[]): MailServer {
  return createMailServer((socket) => {
    let data: string | null = null;
    socket.on("error", () => undefined);
    socket.write("220 test ESMTP\r\n");
    socket.on("data", (chunk) => {
      const text = chunk.toString("utf8");
      if (data !== null) {
        data += text;
        if (!data.endsWith("\r\n.\r\n")) return;
        letters.push(data);
        data = null;
        socket.write("250 taken\r\n");
        return;
      }
      for (const line of text.split("\r\n").filter((one) => one !== "")) {
        if (line.startsWith("EHLO")) socket.write("250-test\r\n250 SMTPUTF8\r\n");
        else if (line === "DATA") {
          data = "";
          socket.write("354 go on\r\n");
        } else if (line === "QUIT") socket.end("221 bye\r\n");
        else socket.write("250 ok\r\n");
      }
    });
  });
}

describe("messages that leave the installation", () => {
  let stage: TestApp;
  let server: Server;
  let mail: MailServer;
  let admin: Actor;
  let engineer: Actor;
  let base = "";
  const got: Got[] = [];
  const letters: string[] = [];
  const answers = new Map<string, number>();

  beforeAll(async () => {
    server = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on("data", (chunk: Buffer) => chunks.push(chunk));
      request.on("end", () => {
        const path = request.url ?? "";
        got.push({ path, headers: request.headers, body: Buffer.concat(chunks).toString("utf8") });
        response.writeHead(answers.get(path) ?? 204).end("never shown to anybody");
      });
    });
    mail = mailServer(letters);
    await Promise.all([new Promise<void>((done) => server.listen(0, "127.0.0.1", done)), new Promise<void>((done) => mail.listen(0, "127.0.0.1", done))]);
    const port = (server.address() as AddressInfo).port;
    base = `http://127.0.0.1:${String(port)}`;
    stage = await testApp({
      variables: {
        SLIPWAY_OUTBOUND_ALLOW: `127.0.0.1:${String(port)}`,
        SLIPWAY_SMTP_URL: `smtp://127.0.0.1:${String((mail.address() as AddressInfo).port)}`,
        SLIPWAY_SMTP_FROM: "Slipway <slipway@example.com>",
      },
    });
    admin = await testPerson(stage.app, "Oskar Lind", ["admin"]);
    engineer = await testPerson(stage.app, "Priya Nair", ["engineer"]);
    // What happened before the first look is not told.
    await stage.app.messages.sendDue();
  });
  afterAll(async () => {
    await stage.close();
    server.closeAllConnections();
    server.close();
    mail.close();
  });

  const create = (name: string, kind: "webhook" | "slack" | "teams" | "email", address: string, events = ["version.*", "endpoint.*", "environment.*"]) =>
    stage.app.messages.createChannel(admin, { name, kind, address, events, environments: [] });
  const deliveries = (channelId: string) => stage.app.store.read((db) => db.outgoing.deliveriesOf(channelId, null, 100));
  const happen = (name: string) => stage.app.registry.createEnvironment(admin, { name });
  const eventful = ["environment.policy_changed", "waiver.signed"];

  it("refuses private addresses, wrong mailboxes and people who may not", async () => {
    await expect(create("inner", "webhook", "https://169.254.169.254/x")).rejects.toMatchObject({ code: "invalid_input" });
    await expect(create("inner", "email", "not a mailbox")).rejects.toMatchObject({ code: "invalid_input" });
    await expect(stage.app.messages.createChannel(engineer, { name: "mine", kind: "webhook", address: base, events: ["alert.*"] })).rejects.toMatchObject({ code: "forbidden" });
    await expect(create("odd", "webhook", base, ["session.started"])).rejects.toThrow(/no such event/);
  });

  it("sends a signed CloudEvent once for each entry that a channel wants, and keeps address and secret sealed", async () => {
    const { channelId, secret } = await create("ops", "webhook", `${base}/ops`, ["waiver.signed"]);
    await happen("staging");
    await stage.app.registry.signWaiver(await testPerson(stage.app, "Yusuf Demir", ["validator"]), {
      environment: "staging",
      requirement: "rollback_drill_passed",
      reason: "The drill is on Friday.",
      days: 2,
    });
    await stage.app.messages.sendDue();
    await stage.app.messages.sendDue();
    const calls = got.filter(({ path }) => path === "/ops");
    expect(calls).toHaveLength(1);
    const [call] = calls;
    if (call === undefined) throw new Error("Nothing came.");
    const { headers, body } = call;
    const key = Buffer.from((secret ?? "").slice("whsec_".length), "base64");
    const signed = `${String(headers["webhook-id"])}.${String(headers["webhook-timestamp"])}.${body}`;
    expect(headers["webhook-signature"]).toBe(`v1,${createHmac("sha256", key).update(signed).digest("base64")}`);
    expect(headers["content-type"]).toContain("application/cloudevents+json");
    expect(JSON.parse(body)).toMatchObject({ specversion: "1.0", type: "slipway.waiver.signed", data: { reason: "The drill is on Friday." } });
    const [sent] = await deliveries(channelId);
    expect(sent).toMatchObject({ state: "delivered", attempts: 1, lastStatus: 204 });
    expect(sent?.eventId).toBe(headers["webhook-id"]);
    const channel = await stage.app.store.read((db) => db.outgoing.getChannel(channelId));
    expect(Buffer.from(channel.sealedAddress).toString("latin1")).not.toContain("/ops");
    expect(channel.shownAddress).not.toContain("/ops");
  });

  it("speaks Slack, Teams and e-mail", async () => {
    const [slack, teams, email] = [await create("slack", "slack", `${base}/slack`), await create("teams", "teams", `${base}/teams`), await create("mail", "email", "ops@example.com, lead@example.com")];
    for (const { channelId } of [slack, teams, email]) await stage.app.messages.testChannel(admin, channelId);
    await stage.app.messages.sendDue();
    expect(JSON.parse(got.find(({ path }) => path === "/slack")?.body ?? "{}")).toMatchObject({ text: expect.stringContaining("Test message to slack") as unknown });
    expect(JSON.parse(got.find(({ path }) => path === "/teams")?.body ?? "{}")).toMatchObject({ type: "message" });
    expect(got.find(({ path }) => path === "/slack")?.headers["webhook-signature"]).toBeUndefined();
    expect(letters).toHaveLength(1);
    expect(letters[0]).toContain("To: ops@example.com, lead@example.com");
    expect(letters[0]).toContain("Subject: [Slipway] Test message to mail");
    expect((await deliveries(email.channelId))[0]).toMatchObject({ state: "delivered" });
  });

  it("writes a failed try down, waits, tries again, and can be told to send again", async () => {
    const { channelId } = await create("flaky", "webhook", `${base}/flaky`);
    answers.set("/flaky", 503);
    await stage.app.messages.testChannel(admin, channelId);
    await stage.app.messages.sendDue();
    await stage.app.messages.sendDue();
    const [waiting] = await deliveries(channelId);
    expect(waiting).toMatchObject({ state: "waiting", attempts: 1, lastStatus: 503, lastProblem: "HTTP 503" });
    expect(waiting?.nextAttemptAt?.getTime()).toBeGreaterThan(Date.now() + 3_000);
    answers.delete("/flaky");
    // Told to send again, a waiting message is tried at once instead of twice.
    await stage.app.outgoing.replayDelivery(admin, { deliveryId: waiting?.id ?? "" });
    await stage.app.messages.sendDue();
    const [delivered, ...others] = await deliveries(channelId);
    expect(delivered).toMatchObject({ state: "delivered", attempts: 2 });
    expect(others).toEqual([]);
    await stage.app.outgoing.replayDelivery(admin, { deliveryId: delivered?.id ?? "" });
    await stage.app.messages.sendDue();
    const ids = got.filter(({ path }) => path === "/flaky").map(({ headers }) => headers["webhook-id"]);
    expect(ids).toHaveLength(3);
    expect(new Set(ids).size).toBe(1);
  });

  it("tells a catalogue of versions and of each step of a release as OpenLineage runs, with the token it asks for", async () => {
    const { channelId, secret } = await stage.app.messages.createChannel(admin, { name: "catalogue", kind: "openlineage", address: `${base}/lineage`, token: "catalogue-token", events: ["version.*", "release.*"], environments: [] });
    expect(secret).toBeNull();
    const lead = await testPerson(stage.app, "Maren Okafor", ["ml_lead"]);
    await stage.app.registry.createModel(engineer, { name: "iris", intendedUse: "Tells irises apart.", riskTier: "low" });
    await registerIris(stage.app, engineer, "iris", { version: "1.0.0", lineage: { dataset: "irises-2025", datasetSha256: "a".repeat(64), run: "run-7" } });
    await registerIris(stage.app, engineer, "iris", { version: "1.1.0" });
    await openEnvironment(stage.app, admin, "lineage-env");
    await stage.app.registry.createEndpoint(lead, { name: "iris", environment: "lineage-env", model: "iris", version: "1.0.0" });
    const { id } = await stage.app.releases.createRelease(engineer, { endpoint: "iris", version: "1.1.0", submit: false });
    await stage.app.releases.cancelRelease(engineer, { releaseId: id, expectedRowVersion: null, body: { reason: "Made to be told of." } });
    await stage.app.messages.testChannel(admin, channelId);
    await stage.app.messages.sendDue();

    const calls = got.filter(({ path }) => path === "/lineage");
    expect(new Set(calls.map(({ headers }) => headers.authorization))).toEqual(new Set(["Bearer catalogue-token"]));
    const runs = calls.map(({ body }) => JSON.parse(body) as OpenLineageEvent);
    expect(runs.find(({ job, inputs }) => job.name === "register.iris" && inputs.length > 0)).toMatchObject({ eventType: "COMPLETE", inputs: [{ name: "irises-2025" }], outputs: [{ name: "models/iris" }] });
    expect(runs.find(({ run }) => run.runId === id)).toMatchObject({ eventType: "ABORT", job: { name: "release.iris" }, outputs: [{ name: "endpoints/iris" }] });
    expect(runs.find(({ eventType }) => eventType === "OTHER")).toMatchObject({ inputs: [], outputs: [] });
    const channel = await stage.app.store.read((db) => db.outgoing.getChannel(channelId));
    expect(Buffer.from(channel.sealedSecret ?? []).toString("latin1")).not.toContain("catalogue-token");
    await expect(stage.app.messages.createChannel(admin, { name: "odd-token", kind: "slack", address: base, token: "x", events: ["alert.*"] })).rejects.toMatchObject({ code: "invalid_input" });
  });

  it("turns a channel off whose receiver is gone for good, and says so in the trail", async () => {
    const { channelId } = await create("gone", "webhook", `${base}/gone`);
    answers.set("/gone", 410);
    await stage.app.messages.testChannel(admin, channelId);
    await stage.app.messages.sendDue();
    const channel = await stage.app.store.read((db) => db.outgoing.getChannel(channelId));
    expect(channel).toMatchObject({ enabled: false, disabledReason: "The receiver answered 410 Gone." });
    expect((await deliveries(channelId))[0]).toMatchObject({ state: "failed", attempts: 1 });
  });

  it("follows no redirect and never keeps what a receiver answers", async () => {
    const { channelId } = await create("moved", "webhook", `${base}/moved`);
    answers.set("/moved", 302);
    await stage.app.messages.testChannel(admin, channelId);
    await stage.app.messages.sendDue();
    const [moved] = await deliveries(channelId);
    expect(moved?.lastProblem).toBe("HTTP 302: redirects are not followed.");
    const all = await stage.app.store.read((db) => db.outgoing.attemptsOf([moved?.id ?? ""]));
    expect(JSON.stringify(all)).not.toContain("never shown");
  });

  it("keeps what it has to tell while events are read twice at once", async () => {
    const { channelId } = await create("busy", "webhook", `${base}/busy`, eventful);
    const validator = await testPerson(stage.app, "Ada Moreau", ["validator"]);
    for (let index = 0; index < 5; index += 1) {
      await stage.app.registry.signWaiver(validator, { environment: "staging", requirement: "model_card", reason: `Reason number ${String(index)}.`, days: 1 });
    }
    await Promise.all([stage.app.messages.sendDue(), stage.app.messages.sendDue(), stage.app.messages.sendDue()]);
    expect(await deliveries(channelId)).toHaveLength(5);
    expect(got.filter(({ path }) => path === "/busy")).toHaveLength(5);
  });
});
