import { once } from "node:events";
import type { Server } from "node:http";
import { connect } from "node:net";
import { afterEach, expect, test } from "vitest";

import { closeHttpServer, createHttpServer } from "./http-server.ts";

let server: Server | null = null;

afterEach(async () => {
  if (server?.listening === true) await closeHttpServer(server, 0);
});

async function listen(
  options: Partial<Parameters<typeof createHttpServer>[0]> = {},
): Promise<number> {
  server = createHttpServer({
    onRequest: (request, response) => {
      const names = [
        ...Object.keys(request.headers),
        ...request.rawHeaders.map((word) => word.toLowerCase()),
      ];
      response.end(JSON.stringify(names));
    },
    isUpload: () => false,
    ...options,
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("not listening");
  return address.port;
}

async function exchange(port: number, text: string): Promise<string> {
  const socket = connect(port, "127.0.0.1");
  socket.setEncoding("utf8");
  socket.write(text);
  let answer = "";
  socket.on("data", (chunk: string) => (answer += chunk));
  await once(socket, "close");
  return answer;
}

test("headers of the framework's own parts do not get in from outside", async () => {
  const port = await listen();
  const answer = await fetch(`http://127.0.0.1:${port}/`, {
    headers: {
      "x-middleware-subrequest": "proxy",
      "X-Matched-Path": "/api",
      "next-action": "1",
      accept: "text/html",
    },
  });
  const names: unknown = await answer.json();
  expect(names).toContain("accept");
  expect(names).not.toContain("x-middleware-subrequest");
  expect(names).not.toContain("x-matched-path");
  expect(names).not.toContain("next-action");
});

test("a protocol upgrade is refused and the connection closed", async () => {
  const port = await listen();
  const answer = await exchange(
    port,
    "GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: x\r\n\r\n",
  );
  expect(answer).toMatch(/^HTTP\/1\.1 426 /);
});

test("more than 16 KiB of headers are refused", async () => {
  const port = await listen();
  const answer = await exchange(
    port,
    `GET / HTTP/1.1\r\nHost: x\r\nX-Long: ${"a".repeat(17_000)}\r\n\r\n`,
  );
  expect(answer).toMatch(/^HTTP\/1\.1 431 /);
});

test("closing does not wait for an event stream", async () => {
  const port = await listen({
    onRequest: (_request, response) => {
      response.writeHead(200, { "content-type": "text/event-stream" });
      response.write(": open\n\n");
    },
  });
  const stream = await fetch(`http://127.0.0.1:${port}/`);
  expect(stream.status).toBe(200);
  const startedAt = performance.now();
  if (server === null) throw new Error("no server");
  await closeHttpServer(server, 100);
  expect(performance.now() - startedAt).toBeLessThan(2_000);
  await stream.body?.cancel().catch(() => undefined);
});

test("closing lets an answer that is under way finish", async () => {
  const port = await listen({
    onRequest: (_request, response) => {
      setTimeout(() => response.end("whole"), 50);
    },
  });
  const asked = fetch(`http://127.0.0.1:${port}/`).then((answer) => answer.text());
  if (server === null) throw new Error("no server");
  await once(server, "request");
  await closeHttpServer(server, 2_000);
  expect(await asked).toBe("whole");
});

test("an answer that takes longer than a body may take is not cut off, a body that does is", async () => {
  const port = await listen({
    bodyTimeoutMs: 50,
    onRequest: (request, response) => {
      if (request.method === "POST") return;
      response.write("begun ");
      setTimeout(() => response.end("and ended"), 250);
    },
  });
  const address = `http://127.0.0.1:${port}/`;
  expect(await (await fetch(address)).text()).toBe("begun and ended");
  const cutOff = await exchange(port, "POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 10\r\n\r\nabc");
  expect(cutOff).toBe("");
});
