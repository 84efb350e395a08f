import { randomUUID } from "node:crypto";
import { readFile } from "node:fs/promises";
import { request } from "node:http";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { markedBody } from "./testing/client.ts";
import { startControlServer, type ControlServer } from "./testing/control-server.ts";
import { desiredEndpoint, desiredVersion, isReady, markedSignature } from "./testing/desired.ts";
import { markedModel } from "./testing/onnx-model.ts";
import {
  makeDataDirectory,
  removeDataDirectory,
  startRuntime,
  type RuntimeProcess,
} from "./testing/runtime-process.ts";

let control: ControlServer;
let directory: string;
let runtime: RuntimeProcess;

/** One request on a connection of its own, so that the processes take turns. */
function once(path: string, body?: string): Promise<{ status: number; text: string; id: string }> {
  return new Promise((resolve, reject) => {
    const sent = request(
      new URL(path, runtime.url),
      { method: body === undefined ? "GET" : "POST", agent: false },
      (response) => {
        let text = "";
        response.setEncoding("utf8").on("data", (part: string) => {
          text += part;
        });
        response.on("end", () =>
          resolve({
            status: response.statusCode ?? 0,
            text,
            id: String(response.headers["slipway-prediction-id"]),
          }),
        );
      },
    );
    sent.on("error", reject);
    // A connection that was handed to a process that had just died gets no answer.
    sent.setTimeout(5000, () => sent.destroy(new Error("no answer")));
    sent.end(body);
  });
}

const infer = () => once("/v2/models/marked/infer", markedBody());

beforeAll(async () => {
  control = await startControlServer();
  directory = await makeDataDirectory();
  runtime = await startRuntime(directory, control, {
    SLIPWAY_RUNTIME_PROCESSES: "2",
    SLIPWAY_RUNTIME_BATCHING: "off",
  });
  const version = desiredVersion(control, {
    name: "1.0.0",
    model: markedModel(1),
    signature: markedSignature,
    labelOutput: "label",
  });
  control.desire(
    [desiredEndpoint("marked", randomUUID(), { epoch: 1, stable: version, windowSeconds: 1 })],
    [version],
  );
  const ready = new Set<string>();
  await control.untilAcks("both processes ready", (acks) => {
    if (isReady(version.versionId)(acks)) ready.add(acks.bootId);
    return ready.size === 2;
  });
});
afterAll(async () => {
  await runtime.stop();
  await control.close();
  await removeDataDirectory(directory);
});

describe("several processes behind one port", () => {
  const ids: string[] = [];

  it("are runtimes of their own to the control plane and one server to callers", async () => {
    const names = new Set(control.registrations.map(({ name }) => name));
    expect(names).toEqual(new Set(["under-test-1", "under-test-2"]));
    expect(new Set(control.registrations.map(({ httpUrl }) => httpUrl)).size).toBe(1);
    for (let n = 0; n < 40; n += 1) {
      const { status, id } = await infer();
      expect(status).toBe(200);
      ids.push(id);
    }
    // The first eight digits of an id name the process that gave it.
    expect(new Set(ids.map((id) => id.slice(0, 8))).size).toBe(2);
  });

  it("show their metrics as one, whichever is asked", async () => {
    for (let n = 0; n < 2; n += 1) {
      const { text } = await once("/metrics");
      expect(text).toMatch(/slipway_inference_requests_total\{endpoint="marked",[^}]*\} 40\n/);
      expect(text).toMatch(
        /slipway_inference_duration_seconds_count\{endpoint="marked",[^}]*\} 40\n/,
      );
      expect(text).toMatch(/slipway_router_epoch\{endpoint="marked"\} 1\n/);
    }
  });

  it("take a label for any prediction, whichever is asked", async () => {
    const feedback = ids.map((predictionId) => ({ predictionId, label: 1 }));
    const body = JSON.stringify({
      feedback: [...feedback, { predictionId: "0".repeat(32), label: 1 }],
    });
    const first = await once("/v2/models/marked/feedback", body);
    expect(JSON.parse(first.text)).toEqual({ accepted: 40, unknown: 1, repeated: 0, unmatched: 0 });
    const again = await once("/v2/models/marked/feedback", body);
    expect(JSON.parse(again.text)).toEqual({ accepted: 0, unknown: 1, repeated: 40, unmatched: 0 });
  });

  it("go on when one of them dies, and start it again", async () => {
    const boots = control.registrations.length;
    const file = path.join(directory, "runtime", "under-test-2", "runtime.json");
    const { pid: victim } = JSON.parse(await readFile(file, "utf8")) as { pid: number };
    process.kill(victim, "SIGKILL");
    const statuses = [];
    while (control.registrations.length === boots) {
      // A connection that was being handed to the dead process is lost; those after it are not.
      statuses.push(
        await infer().then(
          ({ status }) => status,
          () => 0,
        ),
      );
    }
    expect(
      statuses.filter((status) => status !== 200 && status !== 503).length,
    ).toBeLessThanOrEqual(2);
    expect(runtime.log()).toContain("it is started again");
  });
});
