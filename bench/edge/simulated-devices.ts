/** The devices of `edge-bench.ts`, in a thread of their own: each with its own key, each call signed, over HTTP with connections that are kept. */
import { createHash, generateKeyPairSync, sign, type KeyObject } from "node:crypto";
import { Agent, request } from "node:http";
import { parentPort } from "node:worker_threads";
import { checkInSubject, countsSubject, deviceProofText } from "#lib/domain/edge/device-proof.ts";

export type Task =
  | { readonly kind: "join"; readonly url: string; readonly codes: readonly string[]; readonly callers: number }
  | { readonly kind: "check-in"; readonly callers: number; readonly rounds: number; readonly versionId: string }
  | { readonly kind: "counts"; readonly callers: number; readonly windows: readonly unknown[] };
export type Done = { readonly ms: number; readonly tookMs: readonly number[]; readonly orders: number; readonly failed: number; readonly problem: string | null };

type Device = { readonly id: string; readonly endpointId: string; readonly key: KeyObject; seq: number };
type Answer = { readonly status: number; readonly text: string };

const agent = new Agent({ keepAlive: true, maxSockets: 256 });
const devices: Device[] = [];
let root = "";

function post(path: string, body: unknown, headers: Record<string, string> = {}): Promise<Answer> {
  const text = JSON.stringify(body);
  return new Promise((resolve, reject) => {
    const sent = request(root + path, { method: "POST", agent, headers: { "content-type": "application/json", "content-length": Buffer.byteLength(text), ...headers } }, (response) => {
      const parts: Buffer[] = [];
      response.on("data", (part: Buffer) => parts.push(part));
      response.on("end", () => resolve({ status: response.statusCode ?? 0, text: Buffer.concat(parts).toString("utf8") }));
      response.on("error", reject);
    });
    sent.on("error", reject);
    sent.end(text);
  });
}

function proof(device: Device, subject: string): Record<string, string> {
  const atMs = Date.now();
  return { "slipway-device-proof": `${device.id}.${String(atMs)}.${sign(null, Buffer.from(deviceProofText(device.id, atMs, subject)), device.key).toString("base64url")}` };
}

const digestOf = (text: string): string => `sha256:${createHash("sha256").update(text).digest("hex")}`;

async function join(code: string, at: number): Promise<Answer> {
  const { publicKey, privateKey } = generateKeyPairSync("ed25519");
  const key = publicKey.export({ format: "der", type: "spki" }).toString("base64");
  const answer = await post("/enrol", { code, name: `bed-${String(at)}`, hardware: "linux-x64", publicKey: key, signature: sign(null, Buffer.from(code), privateKey).toString("base64") });
  if (answer.status === 201) {
    const { deviceId, endpointId } = JSON.parse(answer.text) as { deviceId: string; endpointId: string };
    devices.push({ id: deviceId, endpointId, key: privateKey, seq: 0 });
  }
  return answer;
}

function checkIn(device: Device, versionId: string): Promise<Answer> {
  device.seq += 1;
  const report = JSON.stringify({ seq: device.seq, slipwayVersion: "bench", serving: { number: 1, versionId }, tried: null });
  return post("/check-in", { report }, proof(device, checkInSubject(digestOf(report))));
}

function counts(device: Device, windows: readonly unknown[]): Promise<Answer> {
  device.seq += 1;
  const batch = JSON.stringify({ number: device.seq, bootId: device.id, windows, lostPredictions: 0 });
  return post("/counts", { batch }, proof(device, countsSubject(digestOf(batch))));
}

/** Does all calls with so many callers at once. */
async function run(calls: readonly (() => Promise<Answer>)[], callers: number): Promise<Done> {
  const tookMs: number[] = [];
  let [next, orders, failed] = [0, 0, 0];
  let problem: string | null = null;
  const startedMs = performance.now();
  await Promise.all(
    Array.from({ length: callers }, async () => {
      for (let call = calls[next++]; call !== undefined; call = calls[next++]) {
        const beforeMs = performance.now();
        const { status, text } = await call();
        tookMs.push(performance.now() - beforeMs);
        if (status >= 300) {
          failed += 1;
          problem ??= text.slice(0, 300);
        } else if (text.includes('"note"')) orders += 1;
      }
    }),
  );
  return { ms: performance.now() - startedMs, tookMs, orders, failed, problem };
}

function callsOf(task: Task): (() => Promise<Answer>)[] {
  if (task.kind === "join") {
    root = `${task.url}/api/runtime/v1/devices`;
    return task.codes.map((code, at) => () => join(code, at));
  }
  if (task.kind === "counts") return devices.map((device) => () => counts(device, task.windows));
  return Array.from({ length: task.rounds }, () => devices).flatMap((all) => all.map((device) => () => checkIn(device, task.versionId)));
}

parentPort?.on("message", (task: Task) => {
  void run(callsOf(task), task.callers).then((done) => parentPort?.postMessage(done));
});
