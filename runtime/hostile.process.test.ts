import { randomUUID } from "node:crypto";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createClient, markedBody, type Client } from "./testing/client.ts";
import { startControlServer, type ControlServer } from "./testing/control-server.ts";
import {
  desiredEndpoint,
  desiredVersion,
  isReady,
  markedSignature,
  openContract,
  tensor,
} from "./testing/desired.ts";
import { identityModel, markedModel } from "./testing/onnx-model.ts";
import {
  makeDataDirectory,
  removeDataDirectory,
  startRuntime,
  type RuntimeProcess,
} from "./testing/runtime-process.ts";

const SEED = 20_261_123;

let control: ControlServer;
let directory: string;
let runtime: RuntimeProcess;
let client: Client;

beforeAll(async () => {
  control = await startControlServer();
  directory = await makeDataDirectory();
  runtime = await startRuntime(directory, control, { SLIPWAY_RUNTIME_MAX_BODY_MIB: "1" });
  client = createClient(runtime.url);
  const identities = (["INT64", "BYTES"] as const).map((datatype) => {
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
  const { fields } = openContract(markedSignature);
  const strictFields = fields.map((field) => ({
    ...field,
    nulls: "reject",
    range: { min: -10, max: 10 },
    action: "reject",
  }));
  const strict = desiredVersion(control, {
    name: "1.0.0",
    model: markedModel(5),
    signature: markedSignature,
    contract: { fields: strictFields },
  });
  const versions = [...identities, marked, strict];
  control.desire(
    [
      ...identities.map((version) =>
        desiredEndpoint(version.versionName, randomUUID(), { epoch: 1, stable: version }),
      ),
      desiredEndpoint("marked", randomUUID(), { epoch: 3, stable: marked }),
      desiredEndpoint("strict", randomUUID(), { epoch: 1, stable: strict }),
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

describe("hostile requests", () => {
  const json = fc.jsonValue({ maxDepth: 4 });
  const nearlyRight = fc.record(
    {
      id: fc.oneof(fc.string(), json),
      parameters: fc.oneof(fc.constant({ slipway_key: 7 }), json),
      inputs: fc.array(
        fc.record(
          {
            name: fc.oneof(fc.constant("x"), fc.string(), json),
            datatype: fc.oneof(fc.constantFrom("FP32", "INT64", "BYTES"), json),
            shape: fc.oneof(
              fc.constant([1, 4]),
              fc.array(fc.oneof(fc.integer(), fc.double(), fc.constant(4_503_599_627_370_496)), {
                maxLength: 20,
              }),
              json,
            ),
            data: fc.oneof(
              fc.array(fc.oneof(fc.double(), fc.constant(null), fc.constant(1e300), fc.string()), {
                maxLength: 8,
              }),
              json,
            ),
          },
          { requiredKeys: [] },
        ),
        { maxLength: 3 },
      ),
      outputs: fc.oneof(fc.array(fc.record({ name: fc.constantFrom("label", "x") })), json),
    },
    { requiredKeys: [] },
  );
  const body = fc.oneof(
    nearlyRight.map((value) => JSON.stringify(value)),
    json.map((value) => JSON.stringify(value)),
    fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes)),
    fc.tuple(fc.nat(), fc.nat({ max: 255 })).map(([at, byte]) => {
      const bytes = Buffer.from(markedBody([[1, 2, 3, 4]]));
      bytes[at % bytes.length] = byte;
      return bytes;
    }),
    fc.integer({ min: 1, max: 30_000 }).map((depth) => "[".repeat(depth)),
  );
  const call = fc.record({
    method: fc.constantFrom("POST", "POST", "POST", "GET", "PUT", "DELETE", "PATCH", "OPTIONS"),
    path: fc.oneof(
      {
        weight: 6,
        arbitrary: fc.constantFrom(
          "/v2/models/marked/infer",
          "/v2/models/strict/infer",
          "/v2/models/identity-int64/infer",
          "/v2/models/identity-bytes/infer",
          "/v2/models/marked/feedback",
        ),
      },
      {
        weight: 2,
        arbitrary: fc.webPath().map((path) => encodeURI(path === "" ? "/" : path).slice(0, 3000)),
      },
      {
        weight: 1,
        arbitrary: fc.constantFrom(
          "//",
          "/v2/../../etc/passwd",
          "/v2/models/__proto__/infer",
          "/v2/models/constructor",
          "/v2/models/marked/versions/",
          "/v2?x=%00",
          "/metrics/",
          "/v2/models/marked/infer/",
        ),
      },
    ),
    body,
    headers: fc.constantFrom<Record<string, string>>(
      {},
      { "slipway-key": "\u00ff\u00fe" },
      { "content-type": "text/xml" },
      { "content-encoding": "gzip" },
      { "inference-header-content-length": "999999" },
      { "transfer-encoding": "chunked" },
    ),
  });

  // Every request is malformed or meaningless in some way; a few come out right by chance and are answered 200.
  it(
    "10 000 of them give no 5xx, only JSON errors, and leave the runtime as it was",
    { timeout: 300_000 },
    async () => {
      const before = await client.call({ method: "GET", path: "/v2/models/marked" });
      const calls = fc.sample(call, { seed: SEED, numRuns: 10_000 });
      let next = 0;
      const seen = new Map<number, number>();
      const worker = async (): Promise<void> => {
        for (let one = calls[next++]; one !== undefined; one = calls[next++]) {
          const { method, body: bytes, headers, path } = one;
          const answer = await client.call({
            method,
            path,
            headers: "transfer-encoding" in headers ? {} : headers,
            ...(method === "GET" ? {} : { body: bytes }),
          });
          seen.set(answer.status, (seen.get(answer.status) ?? 0) + 1);
          if (answer.status >= 500) expect({ one, answer }).toBeNull();
          if (answer.status >= 400)
            expect((JSON.parse(answer.text) as { error: string }).error).toBeTypeOf("string");
        }
      };
      await Promise.all(Array.from({ length: 16 }, worker));
      expect([...seen.values()].reduce((sum, count) => sum + count, 0)).toBe(10_000);
      expect(seen.get(400)).toBeGreaterThan(2000);
      expect(await client.call({ method: "GET", path: "/v2/models/marked" })).toMatchObject({
        status: 200,
        text: before.text,
      });
      expect(
        (await client.call({ path: "/v2/models/marked/infer", body: markedBody() })).status,
      ).toBe(200);
      expect((await runtime.hostPids()).length).toBe(4);
    },
  );
});
