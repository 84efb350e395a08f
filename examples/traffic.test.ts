import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { afterEach, describe, expect, test } from "vitest";
import { z } from "zod";
import { exampleFile, inferRequest, modelOf, readHeldOut, readStory } from "./replay.ts";
import { createBackOff } from "./traffic/back-off.ts";
import { createEndpointTraffic, type EndpointTraffic } from "./traffic/endpoint-traffic.ts";
import { createRuntimeClient, type RuntimeClient } from "./traffic/runtime-client.ts";
import { arrivalGapMs, seededRandom, skewedIndex } from "./traffic/seeded-random.ts";
import { readSettings } from "./traffic/settings.ts";

type Received = { readonly path: string; readonly key: string; readonly body: string };
type Handler = (received: Received, response: ServerResponse) => void;

const closers: (() => void)[] = [];
afterEach(() => {
  for (const close of closers.splice(0).reverse()) close();
});

/** An HTTP server at the place of a runtime; `handler` answers what came in. */
async function listen(handler: Handler, port = 0): Promise<{ server: Server; url: URL }> {
  const server = createServer((request: IncomingMessage, response) => {
    void text(request).then((body) => {
      const key = String(request.headers["slipway-key"] ?? "");
      handler({ path: request.url ?? "", key, body }, response);
    });
  });
  server.listen(port, "127.0.0.1");
  await once(server, "listening");
  closers.push(() => {
    server.closeAllConnections();
    server.close();
  });
  return { server, url: new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}`) };
}

const story = readStory();
const endpoint = story.endpoints.find(({ name }) => name === "credit-default")!;
const model = modelOf(story, endpoint.model);
const heldOut = readHeldOut(model);
const truthOf = new Map(
  heldOut.rows.map((row) => [
    JSON.stringify(inferRequest(model, heldOut.columns, [row])),
    row.label,
  ]),
);
const feedbackBody = z.strictObject({
  feedback: z.array(z.strictObject({ predictionId: z.string(), label: z.string() })),
});

function trafficTo(
  url: URL,
  more: Partial<{ rate: number; labelledShare: number; seed: number }> = {},
): {
  stream: EndpointTraffic;
  client: RuntimeClient;
} {
  const client = createRuntimeClient(url);
  const plan = {
    endpoint,
    model,
    rate: 400,
    seed: 7,
    labelledShare: 1,
    labelDelayMs: [0, 10] as const,
    ...more,
  };
  const stream = createEndpointTraffic(plan, client, createBackOff(20, 80));
  closers.push(
    () => client.close(),
    () => stream.stop(),
  );
  return { stream, client };
}

describe("traffic for one endpoint", () => {
  test("sends held-out rows under keys of the pool and later the true label of each answered one", async () => {
    const asked = new Map<string, string>();
    const keys: string[] = [];
    const reported = Promise.withResolvers<[string, string][]>();
    const { url } = await listen(({ path, key, body }, response) => {
      if (path === "/v2/models/credit-default/feedback") {
        const { feedback } = feedbackBody.parse(JSON.parse(body));
        reported.resolve(
          feedback.map(({ predictionId, label }) => [asked.get(predictionId) ?? "", label]),
        );
        response.end("{}");
        return;
      }
      expect(path).toBe("/v2/models/credit-default/infer");
      const predictionId = `p${asked.size}`;
      asked.set(predictionId, body);
      keys.push(key);
      response.setHeader("slipway-prediction-id", predictionId);
      response.setHeader("slipway-arm", asked.size % 10 === 0 ? "candidate" : "stable");
      response.end("{}");
    });
    const { stream } = trafficTo(url);
    stream.start();
    const labels = await reported.promise;
    stream.stop();
    expect(labels.length).toBeGreaterThan(10);
    for (const [body, label] of labels) expect(truthOf.get(body)).toBe(label);
    for (const key of keys) expect(key).toMatch(/^applicant-[0-5]\d{4}$/);
    const status = stream.takeStatus();
    expect(status.answered["candidate"]).toBeGreaterThan(0);
    expect(status.answered["stable"]).toBeGreaterThan(status.answered["candidate"] ?? 0);
    expect(status.failed + status.refused + status.unreachable + status.timedOut).toBe(0);
  });

  test("equal seeds send equal rows under equal keys, another seed others", async () => {
    const firstOf = async (seed: number): Promise<string[]> => {
      const seen: string[] = [];
      const enough = Promise.withResolvers<undefined>();
      const { url } = await listen(({ key, body }, response) => {
        seen.push(`${key} ${body}`);
        if (seen.length === 40) enough.resolve(undefined);
        response.end("{}");
      });
      // One at a time, so that the order of arrival is the order of sending.
      const { stream } = trafficTo(url, { rate: 300, seed });
      stream.start();
      await enough.promise;
      stream.stop();
      return seen.slice(0, 30).sort();
    };
    const [once_, again, other] = [await firstOf(3), await firstOf(3), await firstOf(4)];
    expect(again.filter((line) => once_.includes(line)).length).toBeGreaterThanOrEqual(28);
    expect(other.filter((line) => once_.includes(line)).length).toBeLessThan(5);
  });

  test("falls silent when nobody listens and goes on when the runtime is back", async () => {
    const { server, url } = await listen((_, response) => response.end("{}"));
    server.close();
    await once(server, "close");
    const { stream } = trafficTo(url, { labelledShare: 0 });
    stream.start();
    let status = stream.takeStatus();
    while (status.withheld === 0) {
      await new Promise((resolve) => setImmediate(resolve));
      const next = stream.takeStatus();
      status = { ...next, unreachable: status.unreachable + next.unreachable };
    }
    expect(status.unreachable).toBeGreaterThan(0);
    const back = Promise.withResolvers<undefined>();
    await listen((_, response) => {
      back.resolve(undefined);
      response.end("{}");
    }, Number(url.port));
    await back.promise;
  });

  test("keeps labels that the runtime could not take and reports them again", async () => {
    let feedbackCalls = 0;
    const lost: string[] = [];
    const kept = Promise.withResolvers<string[]>();
    let predictions = 0;
    const { url } = await listen(({ path, body }, response) => {
      if (!path.endsWith("/feedback")) {
        predictions += 1;
        response.setHeader("slipway-prediction-id", `p${predictions}`);
        response.end("{}");
        return;
      }
      feedbackCalls += 1;
      const ids = feedbackBody
        .parse(JSON.parse(body))
        .feedback.map(({ predictionId }) => predictionId);
      if (feedbackCalls === 1) {
        lost.push(...ids);
        response.statusCode = 503;
      } else kept.resolve(ids);
      response.end("{}");
    });
    const { stream } = trafficTo(url, { rate: 100 });
    stream.start();
    const second = await kept.promise;
    expect(lost.length).toBeGreaterThan(0);
    expect(second.slice(0, lost.length)).toEqual(lost);
  });

  test("asks rarely for an endpoint that does not exist yet", async () => {
    let requests = 0;
    const { url } = await listen((_, response) => {
      requests += 1;
      response.statusCode = 404;
      response.end('{"error":"no such model"}');
    });
    const { stream } = trafficTo(url, { rate: 1000, labelledShare: 0 });
    stream.start();
    let withheld = 0;
    while (withheld < 100) {
      await new Promise((resolve) => setImmediate(resolve));
      withheld += stream.takeStatus().withheld;
    }
    expect(requests).toBeLessThan(100);
  });
});

describe("random draws", () => {
  test("arrivals come at the asked rate and irregularly", () => {
    const random = seededRandom(11);
    const gaps = Array.from({ length: 20_000 }, () => arrivalGapMs(random, 120));
    const mean = gaps.reduce((total, gap) => total + gap, 0) / gaps.length;
    const sd = Math.sqrt(gaps.reduce((total, gap) => total + (gap - mean) ** 2, 0) / gaps.length);
    expect(mean).toBeCloseTo(1000 / 120, 0);
    expect(sd / mean).toBeCloseTo(1, 1);
  });

  test("keys cover the pool, and no key is a thousandth of the traffic", () => {
    const random = seededRandom(5);
    const seen = new Map<number, number>();
    for (let draw = 0; draw < 60_000; draw += 1) {
      const key = skewedIndex(random, 60_000);
      seen.set(key, (seen.get(key) ?? 0) + 1);
    }
    expect(Math.max(...seen.keys())).toBeGreaterThan(59_900);
    expect(Math.min(...seen.keys())).toBe(0);
    expect(Math.max(...seen.values())).toBeLessThan(80);
    expect(seen.size).toBeGreaterThan(30_000);
  });
});

describe("settings", () => {
  test("have defaults and name what is wrong", () => {
    expect(readSettings({})).toEqual({
      runtimeUrl: new URL("http://127.0.0.1:8080"),
      endpoints: null,
      rate: 120,
      seed: 1,
    });
    expect(readSettings({ SLIPWAY_DEMO_ENDPOINTS: "digits, tumour-triage" }).endpoints).toEqual([
      "digits",
      "tumour-triage",
    ]);
    expect(() => readSettings({ SLIPWAY_DEMO_RATE: "-3" })).toThrow(/SLIPWAY_DEMO_RATE/);
    expect(() => readSettings({ SLIPWAY_RUNTIME_URL: "file:///etc/passwd" })).toThrow(
      /SLIPWAY_RUNTIME_URL/,
    );
  });
});

describe("the process", () => {
  const start = (url: string, env: Readonly<Record<string, string>> = {}): ChildProcess => {
    const child = spawn(process.execPath, [fileURLToPath(exampleFile("traffic.ts"))], {
      env: { ...process.env, SLIPWAY_RUNTIME_URL: url, ...env },
      stdio: ["ignore", "pipe", "pipe"],
    });
    closers.push(() => child.kill("SIGKILL"));
    return child;
  };

  test("asks every endpoint of the story, and SIGTERM ends it at once with a last line of counts", async () => {
    const asked = new Set<string>();
    const all = Promise.withResolvers<undefined>();
    const { url } = await listen(({ path }, response) => {
      asked.add(path.split("/")[3] ?? "");
      if (asked.size === story.endpoints.length) all.resolve(undefined);
      response.end("{}");
    });
    const child = start(url.href);
    const out = text(child.stdout!);
    await all.promise;
    const killedMs = performance.now();
    child.kill("SIGTERM");
    const [code] = await once(child, "exit");
    expect(performance.now() - killedMs).toBeLessThan(1000);
    expect(code).toBe(0);
    const last = z
      .object({
        event: z.string(),
        endpoints: z.record(z.string(), z.object({ sent: z.number() })),
      })
      .parse(JSON.parse((await out).trim()));
    expect(last.event).toBe("stopped");
    expect(Object.keys(last.endpoints).sort()).toEqual([...asked].sort());
  });

  test("refuses an endpoint that the story does not have", async () => {
    const child = start("http://127.0.0.1:9", { SLIPWAY_DEMO_ENDPOINTS: "nowhere" });
    const problem = text(child.stderr!);
    const [code] = await once(child, "exit");
    expect(code).toBe(2);
    expect(await problem).toContain("nowhere");
  });
});
