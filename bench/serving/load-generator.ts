/**
 * Closed-loop load over raw sockets, because a full HTTP client would cost more than the server under test.
 * `node load-generator.ts PORT PATH CONNECTIONS WARMUP_SECONDS SECONDS BODIES_FILE`: sends the bodies (a JSON list of strings) in turn, each with a key of its own;
 * prints one line of JSON: requests, requests per second, p50 and p99 in microseconds, answers other than 200.
 */
import { readFileSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { createHistogram, quantileUs, record, toSparse } from "#lib/domain/statistics/histogram.ts";

const [port = "", path = "", connections = "", warmUpSeconds = "", seconds = "", bodiesFile = ""] =
  process.argv.slice(2);
const bodies: string[] = JSON.parse(readFileSync(bodiesFile, "utf8"));
const requests = bodies.map((body, index) =>
  Buffer.from(
    `POST ${path} HTTP/1.1\r\nhost: 127.0.0.1:${port}\r\ncontent-type: application/json\r\nslipway-key: patient-${index}\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  ),
);
const HEAD_END = Buffer.from("\r\n\r\n");
const LENGTH = "content-length: ";

const latency = createHistogram();
let isMeasuring = false;
let isOver = false;
let done = 0;
let failures = 0;
let next = 0;

/** Bytes of the whole answer that begins the buffer; 0 while its head is not complete. */
function answerBytes(buffer: Buffer): number {
  const end = buffer.indexOf(HEAD_END);
  if (end < 0) return 0;
  const head = buffer.toString("latin1", 0, end);
  const at = head.indexOf(LENGTH);
  return end + 4 + Number.parseInt(head.slice(at + LENGTH.length), 10);
}

function drive(socket: Socket): void {
  let sentMs = 0;
  let pending: Buffer | null = null;
  const send = (): void => {
    const request = requests[next % requests.length];
    next += 1;
    if (request === undefined || isOver) return;
    sentMs = performance.now();
    socket.write(request);
  };
  socket.on("data", (chunk) => {
    pending = pending === null ? chunk : Buffer.concat([pending, chunk]);
    const length = answerBytes(pending);
    if (length === 0 || pending.length < length) return;
    if (isMeasuring) {
      done += 1;
      record(latency, (performance.now() - sentMs) * 1000);
      if (pending[9] !== 0x32) failures += 1;
    }
    pending = null;
    send();
  });
  socket.on("error", () => {
    failures += 1;
  });
  send();
}

const sockets = Array.from({ length: Number(connections) }, () => {
  const socket = connect({ port: Number(port), host: "127.0.0.1", noDelay: true });
  socket.once("connect", () => drive(socket));
  return socket;
});
setTimeout(
  () => {
    isMeasuring = true;
    const startMs = performance.now();
    const startCpu = process.cpuUsage();
    setTimeout(
      () => {
        isMeasuring = false;
        isOver = true;
        const elapsedSeconds = (performance.now() - startMs) / 1000;
        const cpu = process.cpuUsage(startCpu);
        const histogram = toSparse(latency);
        const result = {
          requests: done,
          requestsPerSecond: Math.round(done / elapsedSeconds),
          p50Us: Math.round(quantileUs(histogram, 0.5) ?? 0),
          p99Us: Math.round(quantileUs(histogram, 0.99) ?? 0),
          failures,
          generatorCpuShare: Number(((cpu.user + cpu.system) / 1e6 / elapsedSeconds).toFixed(2)),
        };
        console.log(JSON.stringify(result));
        for (const socket of sockets) socket.destroy();
      },
      Number(seconds) * 1000,
    );
  },
  Number(warmUpSeconds) * 1000,
);
