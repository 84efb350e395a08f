import { once } from "node:events";
import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, expect, test } from "vitest";
import { sendStage } from "./send-stage.ts";

const opened: ReturnType<typeof createServer>[] = [];
afterEach(() => {
  for (const server of opened.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

async function endpoint(answer: RequestListener): Promise<string> {
  const server = createServer(answer);
  opened.push(server);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
}
const order = { bodies: ["{}"], versionName: "1.0.0" };

test("sends what was planned, whatever becomes of it, and tells refusals, failures and other versions apart", async () => {
  let n = 0;
  const url = await endpoint((request, response) => {
    n += 1;
    if (n % 10 === 0) return void request.socket.destroy();
    response.writeHead(n % 10 === 1 ? 429 : n % 10 === 2 ? 503 : n % 10 === 3 ? 500 : 200, { "slipway-version": n % 10 === 4 ? "1.1.0" : "1.0.0" }).end("{}");
  });
  const counts = await sendStage({ ...order, url, ratePerSecond: 500, seconds: 0.4 }, () => undefined);
  expect(n).toBe(200);
  expect(counts).toMatchObject({ sent: 200, answered: 120, refused: 40, failed: 40, byOthers: 20 });
});

test("counts latency from when a request was due, so that a stall shows in those it kept waiting", async () => {
  const held: (() => void)[] = [];
  const url = await endpoint((_request, response) => {
    const answer = (): void => void response.writeHead(200, { "slipway-version": "1.0.0" }).end("{}");
    held.push(answer);
    // The last one that comes lets all go: the first was due a whole stage earlier.
    if (held.length === 40) for (const one of held) one();
  });
  const { latencyMsP99, answered, reachedPerSecond } = await sendStage({ ...order, url, ratePerSecond: 200, seconds: 0.2 }, () => undefined);
  expect(answered).toBe(40);
  expect(latencyMsP99).toBeGreaterThan(180);
  expect(reachedPerSecond).toBeLessThanOrEqual(200);
});

test("sends the bodies in turn", async () => {
  const seen: string[] = [];
  const url = await endpoint((request, response) => {
    let text = "";
    request.setEncoding("utf8").on("data", (part: string) => (text += part)).once("end", () => {
      seen.push(text);
      response.writeHead(200, { "slipway-version": "1.0.0" }).end("{}");
    });
  });
  await sendStage({ ...order, url, bodies: ["1", "2", "3"], ratePerSecond: 100, seconds: 0.06 }, () => undefined);
  expect(seen.toSorted()).toEqual(["1", "1", "2", "2", "3", "3"]);
});
