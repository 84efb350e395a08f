import { randomUUID } from "node:crypto";
import { connect, type Socket } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createClient, markedBody, type Client } from "./testing/client.ts";
import { startControlServer, type ControlServer } from "./testing/control-server.ts";
import { desiredEndpoint, desiredVersion, isReady, markedSignature } from "./testing/desired.ts";
import { markedModel } from "./testing/onnx-model.ts";
import {
  makeDataDirectory,
  removeDataDirectory,
  startRuntime,
  type RuntimeProcess,
} from "./testing/runtime-process.ts";

/** All of them in the long variant; file descriptors of the two processes allow it where `ulimit -n` is above 20 000. */
const CONNECTIONS = process.env["SLIPWAY_TEST_FULL"] ? 10_000 : 1000;

let control: ControlServer;
let directory: string;
let runtime: RuntimeProcess;
let client: Client;

beforeAll(async () => {
  control = await startControlServer();
  directory = await makeDataDirectory();
  runtime = await startRuntime(directory, control, { SLIPWAY_RUNTIME_BATCHING: "off" });
  client = createClient(runtime.url);
  const version = desiredVersion(control, {
    name: "1.0.0",
    model: markedModel(1),
    signature: markedSignature,
  });
  control.desire(
    [desiredEndpoint("marked", randomUUID(), { epoch: 1, stable: version })],
    [version],
  );
  await control.untilAcks("version ready", isReady(version.versionId));
});
afterAll(async () => {
  client.close();
  await runtime.stop();
  await control.close();
  await removeDataDirectory(directory);
});

function open(): Promise<Socket> {
  const { port, hostname } = new URL(runtime.url);
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), hostname, () => resolve(socket));
    socket.once("error", reject);
  });
}

async function expectServing(): Promise<void> {
  expect((await client.call({ method: "GET", path: "/v2/health/live" })).status).toBe(200);
  expect((await client.call({ path: "/v2/models/marked/infer", body: markedBody() })).status).toBe(
    200,
  );
}

describe("connections that give nothing", () => {
  it(`${CONNECTIONS} idle ones keep nobody from being served`, async () => {
    const sockets: Socket[] = [];
    // In portions: the queue of connections that wait to be accepted is short.
    while (sockets.length < CONNECTIONS)
      sockets.push(
        ...(await Promise.all(
          Array.from({ length: Math.min(200, CONNECTIONS - sockets.length) }, open),
        )),
      );
    await expectServing();
    expect(sockets.filter(({ destroyed }) => destroyed)).toHaveLength(0);
    for (const socket of sockets) socket.destroy();
    await expectServing();
  });

  it("slow ones, and ones that stop in the middle of a head or a body, hold up only themselves", async () => {
    const body = markedBody();
    const sockets = await Promise.all(Array.from({ length: 60 }, open));
    sockets.forEach((socket, index) => {
      socket.on("error", () => undefined);
      const head = `POST /v2/models/marked/infer HTTP/1.1\r\nhost: x\r\ncontent-length: ${body.length}\r\n`;
      if (index % 3 === 0) socket.write(head);
      else if (index % 3 === 1) socket.write(`${head}\r\n${body.slice(0, 10)}`);
      else socket.write("P");
    });
    await expectServing();
    // The peer is gone without a word: half of the connection stays.
    for (const socket of sockets) socket.pause();
    for (let n = 0; n < 50; n += 1) await expectServing();
    const [slow] = sockets.filter((_, index) => index % 3 === 1);
    const answered = new Promise<string>((resolve) =>
      slow?.once("data", (part: Buffer) => resolve(part.toString())),
    );
    slow?.resume();
    slow?.write(body.slice(10));
    expect(await answered).toContain("HTTP/1.1 200");
    for (const socket of sockets) socket.destroy();
  });

  it("one that never reads its answers does not make the runtime keep them for ever", async () => {
    const socket = await open();
    socket.pause().on("error", () => undefined);
    const body = markedBody(Array.from({ length: 500 }, (_, n) => [n, 0, 0, 0]));
    const request = `POST /v2/models/marked/infer HTTP/1.1\r\nhost: x\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;
    for (let n = 0; n < 200; n += 1) socket.write(request);
    for (let n = 0; n < 20; n += 1) await expectServing();
    socket.destroy();
    await expectServing();
  });
});
