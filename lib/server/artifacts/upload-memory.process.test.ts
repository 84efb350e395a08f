import { fork, type ChildProcess } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { mkdtemp, readdir, rm, stat } from "node:fs/promises";
import { request, type IncomingMessage } from "node:http";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";

const MIB = 1024 * 1024;
const BLOCK = Buffer.alloc(MIB, 7);

let directory = "";
let child: ChildProcess;
let port = 0;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "slipway-upload-memory-"));
  child = fork(new URL("./upload-server.fixture.ts", import.meta.url), [directory], {
    stdio: ["ignore", "pipe", "inherit", "ipc"],
    execArgv: [],
  });
  const [line] = (await once(child.stdout!, "data")) as [Buffer];
  port = Number(line.toString());
});
afterAll(async () => {
  child.disconnect();
  await once(child, "exit");
  await rm(directory, { recursive: true, force: true });
});

type Answer = {
  status: number;
  body: { digest?: string; sizeBytes?: number; peakBytes?: number; code?: string };
};

/** Sends a model of so many MiB, as fast as it is taken; stops after `stopAfter` MiB by cutting the connection. */
async function upload(
  mebibytes: number,
  stopAfter = Number.POSITIVE_INFINITY,
): Promise<Answer | "cut"> {
  const sending = request({
    port,
    host: "127.0.0.1",
    method: "POST",
    path: `/${1100 * MIB}`,
    headers: { "content-type": "multipart/form-data; boundary=edge" },
  });
  const answered = once(sending, "response") as Promise<[IncomingMessage]>;
  // Heard below; a connection that breaks while sending must not count as unheard.
  answered.catch(() => undefined);
  sending.write(
    '--edge\r\nContent-Disposition: form-data; name="model"; filename="m.onnx"\r\n\r\n',
  );
  for (let sent = 0; sent < mebibytes; sent += 1) {
    if (sent >= stopAfter) {
      sending.destroy();
      return "cut";
    }
    if (!sending.write(BLOCK)) await once(sending, "drain");
  }
  sending.end("\r\n--edge--\r\n");
  const [response] = await answered;
  const text = Buffer.concat(await response.toArray()).toString();
  return { status: response.statusCode ?? 0, body: JSON.parse(text) as Answer["body"] };
}

function digestOf(mebibytes: number): string {
  const hash = createHash("sha256");
  for (let index = 0; index < mebibytes; index += 1) hash.update(BLOCK);
  return `sha256:${hash.digest("hex")}`;
}

test("after a warm-up, a 1 GiB upload grows the memory by less than 64 MiB", async () => {
  const warm = (await upload(64)) as Answer;
  expect(warm.status).toBe(200);
  const large = (await upload(1024)) as Answer;
  expect(large).toMatchObject({
    status: 200,
    body: { sizeBytes: 1024 * MIB, digest: digestOf(1024) },
  });
  const growth = (large.body.peakBytes ?? 0) - (warm.body.peakBytes ?? 0);
  expect(growth / MIB).toBeLessThan(64);
  const hex = (large.body.digest ?? "").slice(7);
  const stored = join(directory, "sha256", hex.slice(0, 2), hex.slice(2, 4), hex);
  expect((await stat(stored)).size).toBe(1024 * MIB);
  await rm(stored);
});

test("a sender past the limit is answered 413 at once and may go on sending, and nothing stays", async () => {
  const head = '--edge\r\nContent-Disposition: form-data; name="model"; filename="m.onnx"\r\n\r\n';
  const socket = connect(port, "127.0.0.1");
  let heard = "";
  socket.on("data", (bytes) => {
    heard += bytes.toString();
  });
  socket.write(
    `POST /${8 * MIB} HTTP/1.1\r\nHost: localhost\r\nContent-Type: multipart/form-data; boundary=edge\r\nContent-Length: ${head.length + 64 * MIB}\r\n\r\n${head}`,
  );
  for (let sent = 0; sent < 64; sent += 1) {
    if (!socket.write(BLOCK)) await once(socket, "drain");
  }
  await expect.poll(() => heard).toMatch(/^HTTP\/1.1 413 [^]*"payload_too_large"/);
  socket.destroy();
  expect(await readdir(join(directory, "staging"))).toEqual([]);
});

test("a sender that goes away leaves nothing", async () => {
  expect(await upload(64, 20)).toBe("cut");
  await expect.poll(() => readdir(join(directory, "staging")), { timeout: 10_000 }).toEqual([]);
});
