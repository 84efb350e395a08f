/**
 * Load over raw sockets, a full HTTP client would cost more than the server. `node generator.ts JSON`, with the fields of `Plan`; prints one line of
 * JSON. Closed loop (`ratePerSecond` null): each connection sends when it has its answer. Open loop: requests are due at fixed times whatever the
 * server does, and latency counts from when a request was due, so that a stall is not hidden by the requests it kept from being sent.
 */
import { readFileSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { createHistogram, quantileUs, record, toSparse } from "#lib/domain/statistics/histogram.ts";

/** A request's body and the headers that go with it. */
export type BenchBody = {
  readonly base64: string;
  readonly headers: Readonly<Record<string, string>>;
};

export type Plan = {
  readonly port: number;
  readonly method: "GET" | "POST";
  readonly path: string;
  readonly connections: number;
  readonly warmUpSeconds: number;
  readonly seconds: number;
  readonly ratePerSecond: number | null;
  /** JSON list of `BenchBody`. */
  readonly bodiesFile: string;
};

export type Load = {
  readonly requests: number;
  readonly requestsPerSecond: number;
  readonly p50Us: number;
  readonly p99Us: number;
  readonly failures: number;
  /** Due and not sent when the time was up: the server did not keep up. */
  readonly unsent: number;
  readonly generatorCpuShare: number;
};

const HEAD_END = Buffer.from("\r\n\r\n");
const LENGTH = "content-length: ";

const plan = JSON.parse(process.argv[2] ?? "{}") as Plan;
const bodies = JSON.parse(readFileSync(plan.bodiesFile, "utf8")) as BenchBody[];
const requests = bodies.map(({ base64, headers }, index) => {
  const body = Buffer.from(base64, "base64");
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  const head = `${plan.method} ${plan.path} HTTP/1.1\r\nhost: 127.0.0.1\r\nslipway-key: key-${index}\r\n${lines.join("")}content-length: ${body.length}\r\n\r\n`;
  return Buffer.concat([Buffer.from(head), body]);
});

const latency = createHistogram();
const due: number[] = [];
const idle: Caller[] = [];
let isMeasuring = false;
let isOver = false;
let [done, failures, next] = [0, 0, 0];

type Caller = { readonly socket: Socket; sentMs: number };

/** Bytes of the whole answer that begins the buffer; 0 while its head is not complete. */
function answerBytes(buffer: Buffer): number {
  const end = buffer.indexOf(HEAD_END);
  if (end < 0) return 0;
  const head = buffer.toString("latin1", 0, end).toLowerCase();
  return end + 4 + Number.parseInt(head.slice(head.indexOf(LENGTH) + LENGTH.length), 10);
}

function send(caller: Caller, dueMs: number): void {
  const request = requests[next % requests.length];
  next += 1;
  if (request === undefined || isOver) return;
  caller.sentMs = dueMs;
  caller.socket.write(request);
}

/** The caller is free: the next request that is due, or at once where nothing sets the time. */
function onFree(caller: Caller): void {
  if (plan.ratePerSecond === null) return send(caller, performance.now());
  const dueMs = due.shift();
  if (dueMs === undefined) idle.push(caller);
  else send(caller, dueMs);
}

function drive(socket: Socket): void {
  const caller: Caller = { socket, sentMs: 0 };
  let pending: Buffer | null = null;
  socket.on("data", (chunk) => {
    pending = pending === null ? chunk : Buffer.concat([pending, chunk]);
    const length = answerBytes(pending);
    if (length === 0 || pending.length < length) return;
    if (isMeasuring) {
      done += 1;
      record(latency, (performance.now() - caller.sentMs) * 1000);
      if (pending[9] !== 0x32) failures += 1;
    }
    pending = null;
    onFree(caller);
  });
  socket.on("error", () => {
    failures += 1;
  });
  onFree(caller);
}

const sockets = Array.from({ length: plan.connections }, () => {
  const socket = connect({ port: plan.port, host: "127.0.0.1", noDelay: true });
  socket.once("connect", () => drive(socket));
  return socket;
});

if (plan.ratePerSecond !== null) {
  const everyMs = 1000 / plan.ratePerSecond;
  let dueMs = performance.now() + 100;
  setInterval(() => {
    for (; dueMs <= performance.now(); dueMs += everyMs) {
      const caller = idle.shift();
      if (caller === undefined) due.push(dueMs);
      else send(caller, dueMs);
    }
  }, 1).unref();
}

setTimeout(() => {
  isMeasuring = true;
  const startMs = performance.now();
  const startCpu = process.cpuUsage();
  setTimeout(() => {
    isMeasuring = false;
    isOver = true;
    const elapsedSeconds = (performance.now() - startMs) / 1000;
    const cpu = process.cpuUsage(startCpu);
    const histogram = toSparse(latency);
    const result: Load = {
      requests: done,
      requestsPerSecond: Math.round(done / elapsedSeconds),
      p50Us: Math.round(quantileUs(histogram, 0.5) ?? 0),
      p99Us: Math.round(quantileUs(histogram, 0.99) ?? 0),
      failures,
      unsent: due.length,
      generatorCpuShare: Number(((cpu.user + cpu.system) / 1e6 / elapsedSeconds).toFixed(2)),
    };
    console.log(JSON.stringify(result));
    for (const socket of sockets) socket.destroy();
  }, plan.seconds * 1000);
}, plan.warmUpSeconds * 1000);
