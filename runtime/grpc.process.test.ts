import { randomUUID } from "node:crypto";
import { connect } from "node:net";
import { connect as connectHttp2 } from "node:http2";
import {
  credentials,
  makeGenericClientConstructor,
  Metadata,
  status,
  type Client,
  type ServiceError,
} from "@grpc/grpc-js";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { OipDatatype } from "#lib/domain/artifact/types.ts";
import { healthService, inferenceService } from "./grpc/protocol.ts";
import { createClient, type Client as HttpClient } from "./testing/client.ts";
import { startControlServer, type ControlServer } from "./testing/control-server.ts";
import {
  desiredEndpoint,
  desiredVersion,
  isReady,
  markedSignature,
  tensor,
} from "./testing/desired.ts";
import { identityModel, markedModel, spinningModel } from "./testing/onnx-model.ts";
import {
  makeDataDirectory,
  removeDataDirectory,
  startRuntime,
  type RuntimeProcess,
} from "./testing/runtime-process.ts";

/** Typed contents of two rows of two values, by datatype, and the same values as bytes. */
const VALUES: Readonly<
  Record<Exclude<OipDatatype, "FP16">, readonly [string, readonly unknown[]]>
> = {
  BOOL: ["bool_contents", [true, false, true, true]],
  UINT8: ["uint_contents", [0, 1, 254, 255]],
  UINT16: ["uint_contents", [0, 1, 2, 65_535]],
  UINT32: ["uint_contents", [0, 1, 2, 4_294_967_295]],
  UINT64: ["uint64_contents", ["0", "1", "9007199254740993", "18446744073709551615"]],
  INT8: ["int_contents", [-128, 0, 1, 127]],
  INT16: ["int_contents", [-32_768, 0, 1, 32_767]],
  INT32: ["int_contents", [-2_147_483_648, 0, 1, 2_147_483_647]],
  INT64: ["int64_contents", ["-9223372036854775808", "0", "1", "9007199254740993"]],
  FP32: ["fp32_contents", [0.5, -1, 3.25, 0]],
  FP64: ["fp64_contents", [0.1, -1, 3.25, 1e300]],
  BYTES: [
    "bytes_contents",
    [Buffer.from("a"), Buffer.from(""), Buffer.from("ü"), Buffer.from("d")],
  ],
};
const DATATYPES = Object.keys(VALUES) as (keyof typeof VALUES)[];

type Answer = Readonly<Record<string, unknown>> & {
  readonly outputs: readonly {
    readonly name: string;
    readonly contents: Readonly<Record<string, readonly unknown[]>> | null;
  }[];
  readonly raw_output_contents: readonly Buffer[];
};

const InferenceClient = makeGenericClientConstructor(inferenceService, "inference");
const HealthClient = makeGenericClientConstructor(healthService, "health");

let control: ControlServer;
let directory: string;
let runtime: RuntimeProcess;
let http: HttpClient;
let address: string;
let client: Client;
let health: Client;

function call<T>(
  of: Client,
  method: string,
  message: object,
  options: { readonly deadline?: number; readonly metadata?: Metadata } = {},
): Promise<T> {
  const definition = (of === health ? healthService : inferenceService)[method];
  if (definition === undefined) throw new Error(`There is no method ${method}.`);
  return new Promise((resolve, reject) => {
    of.makeUnaryRequest(
      definition.path,
      definition.requestSerialize,
      definition.responseDeserialize,
      message,
      options.metadata ?? new Metadata(),
      options.deadline === undefined ? {} : { deadline: Date.now() + options.deadline },
      (error, answer) => (error === null ? resolve(answer as T) : reject(error)),
    );
  });
}

const failureOf = async (promise: Promise<unknown>): Promise<ServiceError> => {
  try {
    await promise;
  } catch (error) {
    return error as ServiceError;
  }
  throw new Error("The call should have failed.");
};

const marked = (extra: object = {}) => ({
  model_name: "marked",
  inputs: [
    { name: "x", datatype: "FP32", shape: [1, 4], contents: { fp32_contents: [1, 0, 0, 0] } },
  ],
  ...extra,
});

/** Ends each test of hostile input: the runtime is as well as before. */
async function expectHealthy(): Promise<void> {
  expect((await http.call({ method: "GET", path: "/v2/health/live" })).status).toBe(200);
  expect(await call(client, "ServerLive", {})).toMatchObject({ live: true });
}

beforeAll(async () => {
  control = await startControlServer();
  directory = await makeDataDirectory();
  runtime = await startRuntime(directory, control, {
    SLIPWAY_RUNTIME_MAX_BODY_MIB: "1",
    SLIPWAY_RUNTIME_BATCHING: "off",
  });
  http = createClient(runtime.url);
  const port = /"grpcUrl":"grpc:\/\/[^:]+:(\d+)"/.exec(runtime.log())?.[1] ?? "0";
  address = `127.0.0.1:${port}`;
  client = new InferenceClient(address, credentials.createInsecure());
  health = new HealthClient(address, credentials.createInsecure());
  const identities = [...DATATYPES, "FP16" as const].map((datatype) =>
    desiredVersion(control, {
      name: datatype,
      model: identityModel(datatype, ["N", 2]),
      signature: {
        inputs: [tensor("x", datatype, ["N", 2])],
        outputs: [tensor("y", datatype, ["N", 2])],
      },
    }),
  );
  const markedVersion = desiredVersion(control, {
    name: "1.0.0",
    model: markedModel(7),
    signature: markedSignature,
    labelOutput: "label",
  });
  const spinner = desiredVersion(control, {
    name: "1.0.0",
    model: spinningModel(),
    signature: { inputs: [tensor("turns", "INT64", [])], outputs: [tensor("trace", "FP32", [])] },
    timeoutMs: 60_000,
    contract: {
      fields: [
        {
          field: "turns",
          input: "turns",
          column: null,
          type: "int64",
          nulls: "reject",
          imputeValue: null,
          range: null,
          domain: [1],
          action: "flag",
          unit: null,
        },
      ],
    },
  });
  const versions = [...identities, markedVersion, spinner];
  control.desire(
    [
      ...identities.map((version) =>
        desiredEndpoint(version.versionName.toLowerCase(), randomUUID(), {
          epoch: 1,
          stable: version,
        }),
      ),
      desiredEndpoint("marked", randomUUID(), { epoch: 1, stable: markedVersion }),
      desiredEndpoint("spinner", randomUUID(), { epoch: 1, stable: spinner }),
    ],
    versions,
  );
  await control.untilAcks("every version ready", (acks) =>
    versions.every(({ versionId }) => isReady(versionId)(acks)),
  );
});
afterAll(async () => {
  client.close();
  health.close();
  http.close();
  await runtime.stop();
  await control.close();
  await removeDataDirectory(directory);
});

describe("inference over gRPC", () => {
  it.each(DATATYPES)("%s comes back as it went in, typed and raw", async (datatype) => {
    const [field, values] = VALUES[datatype];
    const input = { name: "x", datatype, shape: [2, 2] };
    const request = { model_name: datatype.toLowerCase(), id: "request 1" };
    const typed = await call<Answer>(client, "ModelInfer", {
      ...request,
      inputs: [{ ...input, contents: { [field]: values } }],
    });
    expect(typed).toMatchObject({
      id: "request 1",
      model_name: datatype.toLowerCase(),
      model_version: datatype,
    });
    expect(typed.outputs[0]?.contents?.[field]?.map(String)).toEqual(values.map(String));
    const http_ = await http.call({
      path: `/v2/models/${datatype.toLowerCase()}/infer`,
      body: JSON.stringify({
        inputs: [
          {
            ...input,
            data: values.map((value) => (Buffer.isBuffer(value) ? value.toString() : value)),
          },
        ].map((one) => ({
          ...one,
          data: one.data.map((value) =>
            typeof value === "string" && datatype !== "BYTES" ? `#${value}#` : value,
          ),
        })),
        parameters: { binary_data_output: true },
      }).replaceAll(/"#(-?\d+)#"/g, "$1"),
    });
    const raw = http_.bytes.subarray(Number(http_.headers["inference-header-content-length"]));
    const answered = await call<Answer>(client, "ModelInfer", {
      ...request,
      inputs: [input],
      raw_input_contents: [raw],
    });
    expect(answered.raw_output_contents).toEqual([raw]);
  });

  it("carries FP16 raw, in both directions, and says so when it comes typed", async () => {
    const input = { name: "x", datatype: "FP16", shape: [1, 2] };
    const raw = Buffer.from([0x00, 0x3c, 0x00, 0xc0]);
    const answer = await call<Answer>(client, "ModelInfer", {
      model_name: "fp16",
      inputs: [input],
      raw_input_contents: [raw],
    });
    expect(answer.raw_output_contents).toEqual([raw]);
    const refused = await failureOf(
      call(client, "ModelInfer", {
        model_name: "fp16",
        inputs: [{ ...input, contents: { fp32_contents: [1, 2] } }],
      }),
    );
    expect(refused).toMatchObject({
      code: status.INVALID_ARGUMENT,
      details: expect.stringContaining("raw contents only"),
    });
  });

  it("answers with the version's part and an id that feedback takes, and gives the outputs that were asked for", async () => {
    const metadata = new Metadata();
    metadata.set("slipway-key", "somebody");
    const { answer, headers } = await new Promise<{ answer: Answer; headers: Metadata }>(
      (resolve, reject) => {
        const definition = inferenceService["ModelInfer"];
        if (definition === undefined) throw new Error("no method");
        let headers = new Metadata();
        client
          .makeUnaryRequest(
            definition.path,
            definition.requestSerialize,
            definition.responseDeserialize,
            marked({ outputs: [{ name: "mark" }] }),
            metadata,
            {},
            (error, answer) =>
              error === null ? resolve({ answer: answer as Answer, headers }) : reject(error),
          )
          .on("metadata", (got: Metadata) => {
            headers = got;
          });
      },
    );
    expect(answer.outputs.map(({ name }) => name)).toEqual(["mark"]);
    expect(answer.outputs[0]?.contents?.["fp32_contents"]).toEqual([7]);
    expect([headers.get("slipway-version"), headers.get("slipway-arm")]).toEqual([
      ["1.0.0"],
      ["stable"],
    ]);
    const feedback = await http.call({
      path: "/v2/models/marked/feedback",
      body: JSON.stringify({
        feedback: [{ predictionId: String(headers.get("slipway-prediction-id")[0]), value: 3.5 }],
      }),
    });
    expect(JSON.parse(feedback.text)).toMatchObject({ accepted: 1 });
  });

  it("describes server and models as HTTP does", async () => {
    const over = async (path: string) =>
      JSON.parse((await http.call({ method: "GET", path })).text) as Record<string, unknown>;
    expect(await call(client, "ServerMetadata", {})).toMatchObject(await over("/v2"));
    expect(await call(client, "ServerReady", {})).toMatchObject({ ready: true });
    expect(await call(client, "ModelReady", { name: "marked" })).toMatchObject({ ready: true });
    const model = await call<{ inputs: { shape: { low: number }[] }[] }>(client, "ModelMetadata", {
      name: "marked",
    });
    expect(model).toMatchObject({ name: "marked", versions: ["1.0.0"], platform: "onnx_onnxv1" });
    expect(model.inputs[0]?.shape.map(({ low }) => low)).toEqual([-1, 4]);
    const statistics = await call<{ model_stats: unknown[] }>(client, "ModelStatistics", {
      name: "marked",
    });
    expect(statistics.model_stats).toMatchObject([{ name: "marked", version: "1.0.0" }]);
    const index = await call<{ models: { name: string; state: string }[] }>(
      client,
      "RepositoryIndex",
      { ready: true },
    );
    expect(index.models).toContainEqual(
      expect.objectContaining({ name: "marked", state: "READY" }),
    );
  });

  it("answers each message of a stream, the wrong ones with what is wrong", async () => {
    const definition = inferenceService["ModelStreamInfer"];
    if (definition === undefined) throw new Error("no method");
    const stream = client.makeBidiStreamRequest(
      definition.path,
      definition.requestSerialize,
      definition.responseDeserialize,
    );
    const answers: { error_message: string; infer_response: { id: string } }[] = [];
    stream.on("data", (answer: (typeof answers)[number]) => answers.push(answer));
    const ended = new Promise((resolve, reject) => stream.on("end", resolve).on("error", reject));
    for (let n = 0; n < 200; n += 1)
      stream.write(marked({ id: String(n), model_name: n === 50 ? "nobody" : "marked" }));
    stream.end();
    await ended;
    expect(answers).toHaveLength(200);
    expect(new Set(answers.map(({ infer_response }) => infer_response.id)).size).toBe(200);
    expect(answers.filter(({ error_message }) => error_message !== "")).toMatchObject([
      { error_message: expect.stringContaining("nobody"), infer_response: { id: "50" } },
    ]);
  });

  it("answers the standard health check, and watches", async () => {
    expect(await call(health, "Check", {})).toMatchObject({ status: 1 });
    expect(await call(health, "Check", { service: "marked" })).toMatchObject({ status: 1 });
    expect(await failureOf(call(health, "Check", { service: "nobody" }))).toMatchObject({
      code: status.NOT_FOUND,
    });
    const definition = healthService["Watch"];
    if (definition === undefined) throw new Error("no method");
    const stream = health.makeServerStreamRequest(
      definition.path,
      definition.requestSerialize,
      definition.responseDeserialize,
      { service: "nobody" },
    );
    const first = await new Promise((resolve) => stream.once("data", resolve));
    expect(first).toMatchObject({ status: 3 });
    stream.on("error", () => undefined).cancel();
  });

  it("tells reflection clients what it speaks", async () => {
    const asBytes = (bytes: Buffer): Buffer => bytes;
    const stream = client.makeBidiStreamRequest(
      "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo",
      asBytes,
      asBytes,
    );
    const answered = new Promise<Buffer>((resolve, reject) =>
      stream.on("error", reject).once("data", resolve),
    );
    // list_services: ""
    stream.write(Buffer.from([0x3a, 0]));
    const text = (await answered).toString("latin1");
    stream.end();
    expect(text).toContain("inference.GRPCInferenceService");
    expect(text).toContain("grpc.health.v1.Health");
  });

  it("keeps a caller's deadline, and gives the host back when the caller leaves", async () => {
    const turns = (count: number) => ({
      model_name: "spinner",
      inputs: [
        { name: "turns", datatype: "INT64", shape: [], contents: { int64_contents: [count] } },
      ],
    });
    const late = await failureOf(call(client, "ModelInfer", turns(40_000_000), { deadline: 100 }));
    expect(late.code).toBe(status.DEADLINE_EXCEEDED);
    const over = await http.call({
      path: "/v2/models/marked/infer",
      body: JSON.stringify({
        parameters: { timeout: 0.001 },
        inputs: [{ name: "x", datatype: "FP32", shape: [1, 4], data: [1, 0, 0, 0] }],
      }),
    });
    expect([over.status, over.text]).toEqual([504, expect.stringContaining("deadline")]);
    expect(await call(client, "ModelInfer", marked())).toMatchObject({ model_name: "marked" });
  });

  it.each([
    ["an unknown model", { model_name: "nobody" }, status.NOT_FOUND, "nobody"],
    ["a missing input", { inputs: [] }, status.INVALID_ARGUMENT, "is missing"],
    ["an unknown input", { inputs: [{ name: "z" }] }, status.INVALID_ARGUMENT, "no input"],
    [
      "too few values",
      {
        inputs: [{ name: "x", datatype: "FP32", shape: [1, 4], contents: { fp32_contents: [1] } }],
      },
      status.INVALID_ARGUMENT,
      "1 values",
    ],
    [
      "a negative size",
      {
        inputs: [{ name: "x", datatype: "FP32", shape: [-1, 4], contents: { fp32_contents: [1] } }],
      },
      status.INVALID_ARGUMENT,
      "at least 0",
    ],
    [
      "a size past every integer",
      {
        inputs: [
          {
            name: "x",
            datatype: "FP32",
            shape: ["9223372036854775807", 4],
            contents: { fp32_contents: [1] },
          },
        ],
      },
      status.INVALID_ARGUMENT,
      "at least 0",
    ],
    [
      "raw contents that are too short",
      {
        inputs: [{ name: "x", datatype: "FP32", shape: [1, 4] }],
        raw_input_contents: [Buffer.alloc(4)],
      },
      status.INVALID_ARGUMENT,
      "more values than its data can hold",
    ],
    [
      "more raw contents than inputs",
      { raw_input_contents: [Buffer.alloc(16), Buffer.alloc(16)] },
      status.INVALID_ARGUMENT,
      "2 raw contents",
    ],
    [
      "an output twice",
      { outputs: [{ name: "mark" }, { name: "mark" }] },
      status.INVALID_ARGUMENT,
      "asked for twice",
    ],
    ["a version", { model_version: "1.0.0" }, status.PERMISSION_DENIED, "scope pin"],
    [
      "a key that is too long",
      { parameters: { slipway_key: { string_param: "k".repeat(1025) } } },
      status.INVALID_ARGUMENT,
      "1024",
    ],
  ])("refuses %s", async (_what, extra, code, words) => {
    expect(await failureOf(call(client, "ModelInfer", marked(extra)))).toMatchObject({
      code,
      details: expect.stringContaining(words),
    });
    await expectHealthy();
  });

  it("refuses a message above the cap and bytes that are no message", async () => {
    const large = marked({
      inputs: [{ name: "x", datatype: "FP32", shape: [1, 4] }],
      raw_input_contents: [Buffer.alloc(2 * 1024 * 1024)],
    });
    expect((await failureOf(call(client, "ModelInfer", large))).code).toBe(
      status.RESOURCE_EXHAUSTED,
    );
    const definition = inferenceService["ModelInfer"];
    if (definition === undefined) throw new Error("no method");
    const refused = await failureOf(
      new Promise((resolve, reject) => {
        client.makeUnaryRequest(
          definition.path,
          () => Buffer.from([0xff, 0xff, 0xff, 0xff, 0x01, 0x12]),
          definition.responseDeserialize,
          {},
          (error, answer) => (error === null ? resolve(answer) : reject(error)),
        );
      }),
    );
    expect(refused).toMatchObject({
      code: status.INVALID_ARGUMENT,
      details: expect.stringContaining("cannot be read"),
    });
    await expectHealthy();
  });

  it("survives bytes that are no HTTP/2, frames that lie and streams that are torn", async () => {
    const port = Number(address.split(":")[1]);
    const send = (bytes: Buffer): Promise<void> =>
      new Promise((resolve) => {
        const socket = connect(port, "127.0.0.1", () => socket.write(bytes));
        socket.on("close", () => resolve()).on("error", () => undefined);
        socket.on("data", () => undefined);
        setTimeout(() => socket.destroy(), 300).unref();
      });
    const preface = Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
    const settings = Buffer.from([0, 0, 0, 4, 0, 0, 0, 0, 0]);
    await Promise.all([
      send(Buffer.from("GET / HTTP/1.1\r\n\r\n")),
      send(Buffer.concat([preface, Buffer.from([0xff, 0xff, 0xff, 0, 0, 0, 0, 0, 1])])),
      send(
        Buffer.concat([
          preface,
          settings,
          Buffer.from([0, 0, 4, 1, 4, 0, 0, 0, 1, 0xff, 0xff, 0xff, 0xff]),
        ]),
      ),
      send(Buffer.concat([preface, settings, Buffer.alloc(4096, 0x7f)])),
    ]);
    const session = connectHttp2(`http://${address}`);
    session.on("error", () => undefined);
    const headers = {
      ":method": "POST",
      ":path": "/inference.GRPCInferenceService/ModelInfer",
      "content-type": "application/grpc",
      te: "trailers",
    };
    const lying = session.request(headers);
    // A length prefix of 4 GiB, then the end.
    lying.end(Buffer.from([0, 0xff, 0xff, 0xff, 0xff, 1, 2, 3]));
    const torn = session.request(headers);
    torn.write(Buffer.from([0, 0, 0, 1, 0, 1]), () => torn.close(8));
    const closed = [lying, torn].map(
      (stream) =>
        new Promise((resolve) => {
          stream.on("error", () => undefined).once("close", resolve);
          stream.resume();
        }),
    );
    await Promise.all(closed);
    session.destroy();
    await expectHealthy();
  });
});
