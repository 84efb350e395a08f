import { randomUUID } from "node:crypto";
import { connect } from "node:net";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { OipDatatype } from "#lib/domain/artifact/types.ts";
import { createClient, markedBody, type Answer, type Call, type Client } from "./testing/client.ts";
import { startControlServer, type ControlServer } from "./testing/control-server.ts";
import {
  desiredEndpoint,
  desiredVersion,
  isReady,
  markedSignature,
  openContract,
  tensor,
} from "./testing/desired.ts";
import { identityModel, logarithmModel, markedModel } from "./testing/onnx-model.ts";
import {
  makeDataDirectory,
  removeDataDirectory,
  startRuntime,
  type RuntimeProcess,
} from "./testing/runtime-process.ts";

const DATATYPES: readonly OipDatatype[] = [
  "BOOL",
  "UINT8",
  "UINT16",
  "UINT32",
  "UINT64",
  "INT8",
  "INT16",
  "INT32",
  "INT64",
  "FP16",
  "FP32",
  "FP64",
  "BYTES",
];

let control: ControlServer;
let directory: string;
let runtime: RuntimeProcess;
let client: Client;

beforeAll(async () => {
  control = await startControlServer();
  directory = await makeDataDirectory();
  runtime = await startRuntime(directory, control, { SLIPWAY_RUNTIME_MAX_BODY_MIB: "1" });
  client = createClient(runtime.url);
  const identities = DATATYPES.map((datatype) => {
    const signature = {
      inputs: [tensor("x", datatype, ["N", 2])],
      outputs: [tensor("y", datatype, ["N", 2])],
    };
    return desiredVersion(control, {
      name: `identity-${datatype.toLowerCase()}`,
      model: identityModel(datatype, ["N", 2]),
      signature,
    });
  });
  const marked = desiredVersion(control, {
    name: "1.0.0",
    model: markedModel(1),
    signature: markedSignature,
    labelOutput: "label",
  });
  const limits = openContract(markedSignature);
  const strict = desiredVersion(control, {
    name: "1.0.0",
    model: markedModel(5),
    signature: markedSignature,
    contract: {
      fields: limits.fields.map((field) => ({
        ...field,
        nulls: "reject",
        range: { min: -10, max: 10 },
        action: "reject",
      })),
    },
  });
  const log = desiredVersion(control, {
    name: "1.0.0",
    model: logarithmModel(),
    signature: { inputs: [tensor("x", "FP32", ["N"])], outputs: [tensor("y", "FP32", ["N"])] },
    golden: [],
  });
  const versions = [...identities, marked, strict, log];
  control.desire(
    [
      ...identities.map((version) =>
        desiredEndpoint(version.versionName, randomUUID(), { epoch: 1, stable: version }),
      ),
      desiredEndpoint("marked", randomUUID(), { epoch: 3, stable: marked }),
      desiredEndpoint("strict", randomUUID(), { epoch: 1, stable: strict }),
      desiredEndpoint("log", randomUUID(), { epoch: 1, stable: log }),
    ],
    versions,
  );
  await control.untilAcks("all ready", (acks) =>
    versions.every(({ versionId }) => isReady(versionId)(acks)),
  );
});
afterAll(async () => {
  client.close();
  await runtime.stop();
  await control.close();
  await removeDataDirectory(directory);
});

const get = (path: string) => client.call({ method: "GET", path });
const infer = (endpoint: string, body: string | Buffer, headers: Record<string, string> = {}) =>
  client.call({ path: `/v2/models/${endpoint}/infer`, body, headers });
const errorOf = ({ text }: Answer): string => (JSON.parse(text) as { error: string }).error;

async function expectAlive(): Promise<void> {
  expect((await get("/v2/health/live")).status).toBe(200);
}

describe("the Open Inference Protocol over HTTP", () => {
  it("says what it is and what it serves, in the words both families of clients read", async () => {
    expect(JSON.parse((await get("/v2")).text)).toEqual({
      name: "slipway",
      version: "0.1.0",
      extensions: expect.any(Array),
    });
    for (const path of ["/v2/health/live", "/v2/health/ready"])
      expect(await get(path)).toMatchObject({ status: 200, text: '{"live":true,"ready":true}' });
    expect(await get("/v2/models/marked/ready")).toMatchObject({
      status: 200,
      text: '{"name":"marked","ready":true}',
    });
    expect(JSON.parse((await get("/v2/models/marked")).text)).toEqual({
      name: "marked",
      versions: ["1.0.0"],
      platform: "onnx_onnxv1",
      inputs: [{ name: "x", datatype: "FP32", shape: [-1, 4] }],
      outputs: [
        { name: "label", datatype: "INT64", shape: [-1] },
        { name: "score", datatype: "FP32", shape: [-1] },
        { name: "mark", datatype: "FP32", shape: [-1] },
      ],
    });
    expect((await get("/v2/models/marked/versions/1.0.0")).status).toBe(200);
    expect((await get("/v2/models/marked/versions/1.0.0/ready")).status).toBe(200);
    expect((await get("/healthz")).status).toBe(200);
    expect((await get("/v2/models/%6Darked/ready")).status).toBe(200);
  });

  it("answers with the outputs asked for, the id it was given, and headers that say who answered", async () => {
    const body = {
      id: "request-7",
      inputs: [
        {
          name: "x",
          datatype: "FP32",
          shape: [2, 4],
          data: [
            [1, 2, 3, 4],
            [-1, 0, 0, 0],
          ],
        },
      ],
      outputs: [{ name: "label" }],
    };
    const answer = await infer("marked", JSON.stringify(body), { "slipway-key": "patient-1" });
    const document = JSON.parse(answer.text);
    expect(document).toMatchObject({
      model_name: "marked",
      model_version: "1.0.0",
      id: "request-7",
      outputs: [{ name: "label", datatype: "INT64", shape: [2], data: [1, 0] }],
    });
    expect(answer.headers).toMatchObject({
      "slipway-version": "1.0.0",
      "slipway-arm": "stable",
      "slipway-epoch": "3",
      "slipway-prediction-id": document.parameters.slipway_prediction_id,
    });
  });

  it.each([
    ["BOOL", "[true,false]"],
    ["UINT8", "[0,255]"],
    ["UINT16", "[0,65535]"],
    ["UINT32", "[0,4294967295]"],
    ["UINT64", "[0,18446744073709551615]"],
    ["INT8", "[-128,127]"],
    ["INT16", "[-32768,32767]"],
    ["INT32", "[-2147483648,2147483647]"],
    ["INT64", "[-9223372036854775808,9007199254740993]"],
    ["FP16", "[-2.5,65504]"],
    ["FP32", "[0.5,-3.4028234663852886e+38]"],
    ["FP64", "[0.1,1.7976931348623157e+308]"],
    ["BYTES", '["","h\u00e9llo \ud83d\ude00"]'],
  ])("carries %s through a model unchanged", async (datatype, data) => {
    const answer = await infer(
      `identity-${datatype.toLowerCase()}`,
      `{"inputs":[{"name":"x","datatype":"${datatype}","shape":[1,2],"data":${data}}]}`,
    );
    expect(answer.text).toContain(
      `"outputs":[{"name":"y","datatype":"${datatype}","shape":[1,2],"data":${data}}]`,
    );
  });

  it("takes and gives tensors as bytes after the JSON, as tritonclient sends and reads them", async () => {
    const values = Buffer.from(new Uint8Array(Float32Array.of(1, 2, 3, 4).buffer));
    const json = JSON.stringify({
      id: "b",
      inputs: [
        {
          name: "x",
          datatype: "FP32",
          shape: [1, 4],
          parameters: { binary_data_size: values.length },
        },
      ],
      outputs: [{ name: "score", parameters: { binary_data: true } }, { name: "label" }],
    });
    const answer = await infer("marked", Buffer.concat([Buffer.from(json), values]), {
      "Inference-Header-Content-Length": String(json.length),
    });
    const jsonBytes = Number(answer.headers["inference-header-content-length"]);
    expect(answer.headers["content-type"]).toBe("application/octet-stream");
    expect(JSON.parse(answer.bytes.subarray(0, jsonBytes).toString())).toMatchObject({
      id: "b",
      outputs: [
        { name: "score", datatype: "FP32", shape: [1], parameters: { binary_data_size: 4 } },
        { name: "label", data: [1] },
      ],
    });
    expect(answer.bytes.length).toBe(jsonBytes + 4);
    expect(answer.bytes.readFloatLE(jsonBytes)).toBe(10);

    const raw = await infer("marked", values, { "Inference-Header-Content-Length": "0" });
    const rawJson = Number(raw.headers["inference-header-content-length"]);
    expect(raw.status).toBe(200);
    // label INT64, score FP32, mark FP32
    expect(raw.bytes.readBigInt64LE(rawJson)).toBe(1n);
    expect(raw.bytes.readFloatLE(rawJson + 8)).toBe(10);
    expect(raw.bytes.length).toBe(rawJson + 16);

    const plain = await infer("marked", markedBody());
    expect(plain.headers["inference-header-content-length"]).toBeUndefined();
  });

  it("takes bodies in pieces and compressed", async () => {
    const body = markedBody([[1, 2, 3, 4]]);
    expect((await infer("marked", gzipSync(body), { "content-encoding": "gzip" })).status).toBe(
      200,
    );
    expect((await infer("marked", "junk", { "content-encoding": "gzip" })).status).toBe(400);
    expect(
      (await infer("marked", gzipSync(Buffer.alloc(3 << 20, 32)), { "content-encoding": "gzip" }))
        .status,
    ).toBe(413);
    expect((await infer("marked", body, { "content-encoding": "br" })).status).toBe(415);
    const chunks = body.match(/.{1,7}/gs) ?? [];
    const answer = await raw(
      `POST /v2/models/marked/infer HTTP/1.1\r\nhost: x\r\nconnection: close\r\ntransfer-encoding: chunked\r\n\r\n${chunks.map((chunk) => `${chunk.length.toString(16)}\r\n${chunk}\r\n`).join("")}0\r\n\r\n`,
    );
    expect(answer).toContain("HTTP/1.1 200");
    await expectAlive();
  });

  it.each([
    ["an unknown model", { path: "/v2/models/none/infer", body: "{}" }, 404, 'no model "none"'],
    ["an unknown path", { method: "GET", path: "/v2/modells" }, 404, "nothing at this path"],
    [
      "an unknown version",
      { method: "GET", path: "/v2/models/marked/versions/9" },
      404,
      "no version",
    ],
    ["a wrong method", { method: "GET", path: "/v2/models/marked/infer" }, 405, "takes POST"],
    ["a broken escape", { method: "GET", path: "/v2/models/%E0%A4%A" }, 400, "percent sign"],
    [
      "a pinned version",
      { path: "/v2/models/marked/versions/1.0.0/infer", body: markedBody() },
      403,
      "scope pin",
    ],
    ["no body", { path: "/v2/models/marked/infer" }, 400, "body is empty"],
    [
      "bytes that are no text",
      { path: "/v2/models/marked/infer", body: Buffer.from([0xff, 0xfe, 0x00]) },
      400,
      "not UTF-8",
    ],
    [
      "a body over the cap",
      { path: "/v2/models/marked/infer", body: Buffer.alloc(1_100_000, 0x20) },
      413,
      "larger than 1048576",
    ],
    [
      "a header length beyond the body",
      {
        path: "/v2/models/marked/infer",
        body: markedBody(),
        headers: { "Inference-Header-Content-Length": "99999" },
      },
      400,
      "not the length of a part",
    ],
    [
      "a contract breach",
      { path: "/v2/models/strict/infer", body: markedBody([[99, 0, 0, 0]]) },
      400,
      "outside -10 to 10",
    ],
    [
      "a null the contract refuses",
      {
        path: "/v2/models/strict/infer",
        body: '{"inputs":[{"name":"x","datatype":"FP32","shape":[1,4],"data":[null,0,0,0]}]}',
      },
      400,
      "nulls are refused",
    ],
    [
      "an answer that is not finite",
      {
        path: "/v2/models/log/infer",
        body: '{"inputs":[{"name":"x","datatype":"FP32","shape":[1],"data":[-1]}]}',
      },
      500,
      "NaN or infinity",
    ],
    [
      "a key that is too long",
      {
        path: "/v2/models/marked/infer",
        body: markedBody(),
        headers: { "slipway-key": "k".repeat(2000) },
      },
      400,
      "longer than 1024",
    ],
    [
      "feedback without a list",
      { path: "/v2/models/marked/feedback", body: "{}" },
      400,
      "a list named feedback",
    ],
    [
      "too much feedback",
      {
        path: "/v2/models/marked/feedback",
        body: JSON.stringify({ feedback: Array(1001).fill({ predictionId: "x", label: 1 }) }),
      },
      400,
      "At most 1000",
    ],
  ] satisfies [string, Call, number, string][])(
    "refuses %s in the protocol's own form",
    async (_what, call, status, message) => {
      const answer = await client.call(call);
      expect(answer.status).toBe(status);
      expect(errorOf(answer)).toContain(message);
      await expectAlive();
    },
  );

  it("answers bytes that are no request with JSON, and headers over the limit with 431", async () => {
    for (const [bytes, status] of [
      ["nonsense\r\n\r\n", 400],
      ["GET / HTTP/9.9\r\n\r\n", 400],
      [`GET /v2 HTTP/1.1\r\nhost: x\r\nx: ${"y".repeat(40_000)}\r\n\r\n`, 431],
      ["POST /v2/models/marked/infer HTTP/1.1\r\nhost: x\r\ncontent-length: banana\r\n\r\n", 400],
      ["CONNECT example.org:443 HTTP/1.1\r\nhost: x\r\n\r\n", 405],
    ] as const) {
      const answer = await raw(bytes);
      expect(answer).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
      expect(JSON.parse(answer.slice(answer.indexOf("\r\n\r\n") + 4))).toEqual({
        error: expect.any(String),
      });
    }
    await expectAlive();
  });

  it("refuses a large body before it is sent, to a caller that asks first", async () => {
    const answer = await raw(
      "POST /v2/models/marked/infer HTTP/1.1\r\nhost: x\r\nexpect: 100-continue\r\ncontent-length: 99999999\r\nconnection: close\r\n\r\n",
    );
    expect(answer).toMatch(/^HTTP\/1.1 413 /);
    await expectAlive();
  });

  it("gives statistics and the repository index in the form that Triton's clients read", async () => {
    const { model_stats: rows } = JSON.parse((await get("/v2/models/marked/stats")).text);
    expect(rows).toMatchObject([
      { name: "marked", version: "1.0.0", inference_stats: { fail: { count: 0 } } },
    ]);
    const before = rows[0].inference_count;
    await infer("marked", markedBody());
    const after = JSON.parse((await get("/v2/models/marked/versions/1.0.0/stats")).text)
      .model_stats[0];
    expect(after.inference_count).toBe(before + 1);
    expect(after.inference_stats.success.ns).toBeGreaterThan(0);
    expect(JSON.parse((await get("/v2/models/stats")).text).model_stats).toHaveLength(
      DATATYPES.length + 3,
    );
    expect((await get("/v2/models/marked/versions/9/stats")).status).toBe(404);
    const index = JSON.parse(
      (await client.call({ path: "/v2/repository/index", body: "{}" })).text,
    );
    expect(index).toContainEqual({ name: "marked", version: "1.0.0", state: "READY", reason: "" });
  });

  it("shows metrics with closed label sets", async () => {
    const { text } = await get("/metrics");
    expect(text).toMatch(
      /slipway_inference_requests_total\{endpoint="marked",model="model-under-test",version="1.0.0",arm="stable"\} [1-9]/,
    );
    expect(text).toMatch(
      /slipway_inference_duration_seconds_bucket\{endpoint="marked",.*le="\+Inf"\} [1-9]/,
    );
    expect(text).toContain(
      'slipway_router_weight_bp{endpoint="marked",model="model-under-test",version="1.0.0",arm="stable"} 10000',
    );
  });
});

function raw(bytes: string): Promise<string> {
  const { port, hostname } = new URL(runtime.url);
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), hostname, () => socket.write(bytes));
    let text = "";
    socket.setEncoding("utf8");
    socket.on("data", (part: string) => {
      text += part;
      if (/\r\n\r\n.*\}$/s.test(text)) socket.end();
    });
    socket.on("error", reject);
    socket.on("close", () => resolve(text));
  });
}

describe("feedback", () => {
  it("takes labels by prediction id and says what became of each", async () => {
    const ids: string[] = [];
    for (const row of [
      [1, 0, 0, 0],
      [-1, 0, 0, 0],
    ]) {
      const { headers } = await infer("marked", markedBody([row]), { "slipway-key": "patient-1" });
      ids.push(String(headers["slipway-prediction-id"]));
    }
    const send = async (endpoint: string, feedback: unknown) =>
      JSON.parse(
        (
          await client.call({
            path: `/v2/models/${endpoint}/feedback`,
            body: JSON.stringify({ feedback }),
          })
        ).text,
      );
    const feedback = [
      { predictionId: ids[0], label: 1 },
      { predictionId: ids[1], label: "1", value: 12.5 },
      { predictionId: "f".repeat(32), label: 0 },
    ];
    expect(await send("strict", feedback)).toEqual({
      accepted: 0,
      unknown: 3,
      repeated: 0,
      unmatched: 0,
    });
    expect(await send("marked", feedback)).toEqual({
      accepted: 2,
      unknown: 1,
      repeated: 0,
      unmatched: 0,
    });
    expect(await send("marked", feedback.slice(0, 1))).toEqual({
      accepted: 0,
      unknown: 0,
      repeated: 1,
      unmatched: 0,
    });
    const { headers } = await infer(
      "marked",
      markedBody([
        [1, 0, 0, 0],
        [1, 0, 0, 0],
      ]),
    );
    expect(
      await send("marked", [{ predictionId: headers["slipway-prediction-id"], label: 1 }]),
    ).toMatchObject({ unmatched: 1 });
  });
});
