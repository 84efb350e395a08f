import { createHash, randomUUID } from "node:crypto";
import { connect } from "node:net";
import { gunzipSync, inflateSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createClient, markedBody, type Client } from "./testing/client.ts";
import { startControlServer, type ControlServer } from "./testing/control-server.ts";
import {
  desiredEndpoint,
  desiredVersion,
  isReady,
  markedSignature,
  tensor,
} from "./testing/desired.ts";
import { markedModel, spinningModel } from "./testing/onnx-model.ts";
import {
  makeDataDirectory,
  removeDataDirectory,
  startRuntime,
  type RuntimeProcess,
} from "./testing/runtime-process.ts";

const PIN_TOKEN = "slp_may-choose-the-version";
const SPENT_TOKEN = "slp_was-good-once";
const hashOf = (token: string) => createHash("sha256").update(token).digest("hex");

const spinnerId = randomUUID();
let control: ControlServer;
let directory: string;
let runtime: RuntimeProcess;
let client: Client;

const turnsBody = (turns: number, parameters = {}) =>
  JSON.stringify({
    parameters,
    inputs: [{ name: "turns", datatype: "INT64", shape: [], data: [turns] }],
  });

/** Ends each test: the runtime is as well as before. */
async function expectHealthy(): Promise<void> {
  expect((await client.call({ method: "GET", path: "/v2/health/live" })).status).toBe(200);
}

beforeAll(async () => {
  control = await startControlServer();
  directory = await makeDataDirectory();
  runtime = await startRuntime(directory, control);
  client = createClient(runtime.url);
  const marked = desiredVersion(control, {
    name: "1.0.0",
    model: markedModel(1),
    signature: markedSignature,
    labelOutput: "label",
  });
  // One turn only: an example made up for the warm-up could turn for ever.
  const golden = {
    request: JSON.parse(turnsBody(1)) as unknown,
    response: { outputs: [{ name: "trace", datatype: "FP32", shape: [], data: [64] }] },
    tolerance: 1e-5,
  };
  const spinner = desiredVersion(control, {
    name: "1.0.0",
    model: spinningModel(),
    signature: { inputs: [tensor("turns", "INT64", [])], outputs: [tensor("trace", "FP32", [])] },
    golden: [golden],
    timeoutMs: 30_000,
  });
  const onGpu = {
    ...desiredVersion(control, { name: "gpu", model: markedModel(2), signature: markedSignature }),
    executionProvider: "cuda" as const,
  };
  const locked = {
    ...desiredVersion(control, {
      name: "locked",
      model: markedModel(3),
      signature: markedSignature,
    }),
    environmentLock: { onnxruntime: "0.1.0", numpy: "2.0.0" },
  };
  const refused = {
    ...desiredVersion(control, {
      name: "strict",
      model: markedModel(4),
      signature: markedSignature,
    }),
    environmentLock: { onnxruntime: "0.1.0" },
    onLockMismatch: "refuse" as const,
  };
  const limits = { maxConcurrency: 4, maxQueued: 1, timeoutMs: 20_000, share: 1 };
  control.desire(
    [
      desiredEndpoint("marked", randomUUID(), { epoch: 1, stable: marked }),
      {
        ...desiredEndpoint("spinner", spinnerId, { epoch: 1, stable: spinner, windowSeconds: 1 }),
        limits,
      },
      desiredEndpoint("gpu", randomUUID(), { epoch: 1, stable: onGpu }),
      desiredEndpoint("locked", randomUUID(), { epoch: 1, stable: locked }),
      desiredEndpoint("strict", randomUUID(), { epoch: 1, stable: refused }),
    ],
    [marked, spinner, onGpu, locked, refused],
    {
      pinTokens: [
        { sha256: hashOf(PIN_TOKEN), expiresAt: null },
        { sha256: hashOf(SPENT_TOKEN), expiresAt: "2020-01-01T00:00:00.000Z" },
      ],
    },
  );
  await control.untilAcks(
    "what can be ready is, the rest has failed",
    (acks) =>
      [marked, spinner, locked].every(({ versionId }) => isReady(versionId)(acks)) &&
      [onGpu, refused].every(({ versionId }) =>
        acks.versions.some((one) => one.versionId === versionId && one.state === "failed"),
      ),
  );
});
afterAll(async () => {
  client.close();
  await runtime.stop();
  await control.close();
  await removeDataDirectory(directory);
});

describe("what clients of the protocol rely on", () => {
  it("compresses long answers as the caller asks, and leaves short ones alone", async () => {
    const body = markedBody(Array.from({ length: 400 }, (_, n) => [n, 0, 0, 0]));
    const ask = (encoding: string, text = body) =>
      client.call({
        path: "/v2/models/marked/infer",
        body: text,
        headers: { "accept-encoding": encoding },
      });
    const plain = await ask("identity");
    const gzipped = await ask("br, gzip;q=0.8");
    const deflated = await ask("deflate");
    expect([gzipped.headers["content-encoding"], deflated.headers["content-encoding"]]).toEqual([
      "gzip",
      "deflate",
    ]);
    const outputs = (text: string) => (JSON.parse(text) as { outputs: unknown }).outputs;
    expect(outputs(gunzipSync(gzipped.bytes).toString())).toEqual(outputs(plain.text));
    expect(outputs(inflateSync(deflated.bytes).toString())).toEqual(outputs(plain.text));
    expect((await ask("gzip", markedBody())).headers["content-encoding"]).toBeUndefined();
    expect((await ask("gzip;q=0")).headers["content-encoding"]).toBeUndefined();
  });

  it("takes a body in more than 65 536 pieces", async () => {
    const body = markedBody() + " ".repeat(70_000);
    const text = await new Promise<string>((resolve, reject) => {
      const { port, hostname } = new URL(runtime.url);
      let answer = "";
      const socket = connect(Number(port), hostname, () => {
        const pieces = [...body].map((one) => `1\r\n${one}\r\n`).join("");
        socket.write(
          `POST /v2/models/marked/infer HTTP/1.1\r\nhost: x\r\nconnection: close\r\ntransfer-encoding: chunked\r\n\r\n${pieces}0\r\n\r\n`,
        );
      });
      socket.setEncoding("utf8").on("data", (part: string) => {
        answer += part;
      });
      socket.on("close", () => resolve(answer)).on("error", reject);
    });
    expect(text).toContain("HTTP/1.1 200");
    await expectHealthy();
  });

  it("lets a bearer of the right token choose the version, and keeps such requests out of every window", async () => {
    const pinned = (token: string | null) =>
      client.call({
        path: "/v2/models/marked/versions/1.0.0/infer",
        body: markedBody(),
        headers: token === null ? {} : { authorization: `Bearer ${token}` },
      });
    const statuses = [];
    for (const token of [PIN_TOKEN, SPENT_TOKEN, "slp_guess", null])
      statuses.push((await pinned(token)).status);
    expect(statuses).toEqual([200, 403, 403, 403]);
    expect((await pinned(PIN_TOKEN)).headers["slipway-prediction-id"]).toBeUndefined();
  });

  it("refuses a version for a provider that is not here, and one whose lock disagrees where the policy says so; flags the other", () => {
    const problems = control.acks?.versions.map(({ problem }) => problem) ?? [];
    expect(problems).toContainEqual(
      expect.stringContaining("is to run on cuda; this runtime has cpu"),
    );
    expect(problems).toContainEqual(expect.stringContaining("lock names onnxruntime 0.1.0"));
    const flagged = control.acks?.versions.filter(
      ({ running }) => (running?.lockDifferences.length ?? 0) > 0,
    );
    expect(flagged?.map(({ running }) => running)).toMatchObject([
      { executionProvider: "cpu", lockDifferences: [{ library: "onnxruntime", locked: "0.1.0" }] },
    ]);
    expect(control.registrations[0]?.environment).toMatchObject({
      node: process.versions.node,
      executionProviders: ["cpu"],
    });
    expect(control.registrations[0]?.grpcUrl).toMatch(/^grpc:\/\/127\.0\.0\.1:\d+$/);
  });
});

describe("admission", () => {
  /** Some tenths of a second on any machine. */
  const long = 100_000;

  it("answers 429 beyond the endpoint's own limits and says when to come again, while others are served at once", async () => {
    const sent = Array.from({ length: 12 }, () =>
      client.call({ path: "/v2/models/spinner/infer", body: turnsBody(long) }),
    );
    const neighbour = await client.call({ path: "/v2/models/marked/infer", body: markedBody() });
    expect(neighbour.status).toBe(200);
    const answers = await Promise.all(sent);
    const refused = answers.filter(({ status }) => status === 429);
    expect(answers.filter(({ status }) => status === 200).length).toBeGreaterThanOrEqual(2);
    expect(refused.length).toBeGreaterThanOrEqual(6);
    for (const { headers } of refused)
      expect(Number(headers["retry-after"])).toBeGreaterThanOrEqual(1);
    await expectHealthy();
  });

  it("answers 504 when the caller's own deadline passes", async () => {
    const answer = await client.call({
      path: "/v2/models/spinner/infer",
      body: turnsBody(long, { timeout: 50_000 }),
    });
    expect([answer.status, answer.text]).toEqual([504, expect.stringContaining("deadline")]);
    const wrong = await client.call({
      path: "/v2/models/spinner/infer",
      body: turnsBody(1, { timeout: "soon" }),
    });
    expect(wrong.status).toBe(400);
    await expectHealthy();
  });

  it("gives up what a caller no longer waits for, and says so in the window", async () => {
    const { port, hostname } = new URL(runtime.url);
    // Long enough that none is done before its caller leaves.
    const body = turnsBody(long);
    // What was written before a question that has been answered has arrived.
    const arrived = async (): Promise<void> => {
      for (let asked = 0; asked < 3; asked += 1)
        await client.call({ method: "GET", path: "/v2/health/live" });
    };
    await Promise.all(
      Array.from(
        { length: 3 },
        () =>
          new Promise<void>((resolve) => {
            const socket = connect(Number(port), hostname, () => {
              socket.write(
                `POST /v2/models/spinner/infer HTTP/1.1\r\nhost: x\r\ncontent-length: ${body.length}\r\n\r\n${body}`,
                () => void arrived().then(() => socket.destroy()),
              );
            });
            socket.on("close", () => resolve()).on("error", () => undefined);
          }),
      ),
    );
    const left =
      /slipway_inference_errors_total\{endpoint="spinner",reason="cancelled",code="499"\} 3/;
    // The ends of connections arrive when the network likes.
    for (let text = ""; !left.test(text);)
      ({ text } = await client.call({ method: "GET", path: "/metrics" }));
    const answer = await client.call({
      path: "/v2/models/spinner/infer",
      body: turnsBody(1),
    });
    expect(answer.status).toBe(200);
    await expectHealthy();
  });
});

describe("load figures", () => {
  it("are on /metrics and in the heartbeat, and Triton's names behind a switch", async () => {
    const { text } = await client.call({ method: "GET", path: "/metrics" });
    for (const name of [
      "slipway_endpoint_utilisation_ratio",
      "slipway_endpoint_concurrency_limit",
      "slipway_inference_queue_duration_seconds_count",
      "slipway_ood_total",
    ])
      expect(text).toContain(name);
    expect(text).toContain('slipway_endpoint_concurrency_limit{endpoint="spinner"} 4');
    expect(text).not.toContain("nv_inference");
    const compatible = (await client.call({ method: "GET", path: "/metrics?compat=triton" })).text;
    expect(compatible).toMatch(
      /nv_inference_request_success\{model="marked",version="1.0.0"\} \d+/,
    );
    expect(compatible).toMatch(
      /nv_inference_request_failure\{model="spinner",version="",reason="REJECTED"\} \d+/,
    );
    const heard = await control.untilSignals((signals) =>
      signals.endpoints.some(
        ({ endpointId, utilisation }) => endpointId === spinnerId && utilisation > 0,
      ),
    );
    expect(heard.endpoints.find(({ endpointId }) => endpointId === spinnerId)).toMatchObject({
      concurrencyLimit: 4,
      targetUtilisation: 0.6,
    });
  });
});
