import { Server, ServerCredentials, status as codes, Metadata, type sendUnaryData, type ServerUnaryCall } from "@grpc/grpc-js";
import { afterEach, describe, expect, it } from "vitest";
import type { DesiredUpstream } from "#lib/contracts/upstream.ts";
import type { ModelSignature } from "#lib/domain/artifact/types.ts";
import { inferenceService } from "../grpc/protocol.ts";
import { tensor } from "../testing/desired.ts";
import { createUpstreamPool } from "./upstream-pool.ts";

type Call = ServerUnaryCall<{ model_name: string; raw_input_contents: Buffer[] }, unknown>;
type Infer = (call: Call, done: sendUnaryData<unknown>) => void;

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.forceShutdown();
});

/** A server of the protocol whose answers are `infer`'s. */
async function serve(infer: Infer, isReady = true): Promise<string> {
  const server = new Server();
  server.addService(inferenceService, {
    ModelInfer: infer,
    ModelReady: (_call: unknown, done: sendUnaryData<unknown>) => done(null, { ready: isReady }),
  });
  servers.push(server);
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, bound) => (error === null ? resolve(bound) : reject(error)));
  });
  return `http://127.0.0.1:${port}`;
}

const SIGNATURE: ModelSignature = {
  inputs: [tensor("x", "FP32", ["N", 2]), tensor("who", "BYTES", ["N"])],
  outputs: [tensor("y", "FP32", ["N"]), tensor("label", "INT64", ["N"])],
};
const X = { datatype: "FP32" as const, shape: [2, 2], data: Float32Array.of(1, 2, 3, 4) };
const WHO = { datatype: "BYTES" as const, shape: [2], data: ["a", "bé"] };
const at = (url: string, timeoutMs = 5000): DesiredUpstream => ({
  targetId: "t1", kind: "oip_grpc", url, model: "m", version: "3", mapping: null, timeoutMs, headers: { Authorization: "Bearer secret" },
});
const pool = (upstream: DesiredUpstream) => createUpstreamPool(SIGNATURE, upstream, () => undefined);
const wide = (low: number) => ({ low, high: 0, unsigned: false });
const head = (name: string, datatype: string) => ({ name, datatype, shape: [wide(2)] });
const raw = {
  // Not in the order of the signature: outputs are found by name.
  outputs: [head("label", "INT64"), head("y", "FP32")],
  raw_output_contents: [Buffer.from(BigInt64Array.of(7n, -1n).buffer), Buffer.from(Float32Array.of(0.5, 2).buffer)],
};
const typed = {
  outputs: [
    { ...head("y", "FP32"), contents: { fp32_contents: [0.5, 2] } },
    { ...head("label", "INT64"), contents: { int64_contents: [wide(7), { low: -1, high: -1, unsigned: false }] } },
  ],
};

describe("a version on a server over gRPC", () => {
  it.each([["raw", raw], ["typed", typed]])("is asked with its credentials over one channel, and answers %s", async (_name, message) => {
    const peers = new Set<string>();
    const seen: unknown[] = [];
    const one = pool(at(await serve((call, done) => {
      peers.add(call.getPeer());
      seen.push([call.metadata.get("authorization"), call.request.model_name, call.request.raw_input_contents.map((bytes) => bytes.toString("hex"))]);
      done(null, message);
    })));
    await one.start();
    for (let run = 0; run < 5; run += 1) {
      const outcome = await one.run([X, WHO]);
      expect(outcome.ok && outcome.outputs.map(({ data }) => data)).toEqual([Float32Array.of(0.5, 2), BigInt64Array.of(7n, -1n)]);
    }
    expect(peers.size).toBe(1);
    expect(seen[0]).toEqual([["Bearer secret"], "m", ["0000803f000000400000404000008040", "01000000610300000062c3a9"]]);
    await one.close();
  });

  it("does not start while its server does not have it", async () => {
    const one = pool(at(await serve((_call, done) => done(null, raw), false)));
    await expect(one.start()).rejects.toThrow("does not have m 3 ready");
    await one.close();
  });

  const reasonOf = async (infer: Infer, timeoutMs?: number): Promise<string> => {
    const one = pool(at(await serve(infer), timeoutMs));
    const outcome = await one.run([X, WHO]);
    await one.close();
    return outcome.ok ? "ok" : `${outcome.error.status} ${outcome.error.reason}`;
  };

  it("turns every kind of trouble into an error with its reason", async () => {
    const refuse = (code: codes): Infer => (_call, done) => done({ code, details: "no" });
    expect(await reasonOf(refuse(codes.INVALID_ARGUMENT))).toBe("400 bad_request");
    expect(await reasonOf(refuse(codes.INTERNAL))).toBe("500 model_error");
    expect(await reasonOf(refuse(codes.NOT_FOUND))).toBe("500 model_error");
    expect(await reasonOf(refuse(codes.UNAVAILABLE))).toBe("503 host_lost");
    expect(await reasonOf(() => undefined, 200)).toBe("503 timeout");
    const gone = pool(at("http://127.0.0.1:1"));
    expect(await gone.run([X, WHO])).toMatchObject({ ok: false, error: { reason: "host_lost" } });
    await gone.close();
  });

  it("refuses answers that are not its signature's", async () => {
    const [label, y] = raw.outputs;
    const [labels, ys] = raw.raw_output_contents;
    const answers: object[] = [
      { outputs: [y], raw_output_contents: [ys] },
      { outputs: [label, { ...y, datatype: "FP64" }], raw_output_contents: [labels, ys] },
      { outputs: [label, { ...y, shape: [wide(3)] }], raw_output_contents: [labels, ys] },
      { outputs: [label, { ...y, shape: [{ low: -1, high: -1, unsigned: false }] }], raw_output_contents: [labels, ys] },
      { outputs: [label, { ...y, shape: [wide(2_000_000_000), wide(2_000_000_000)] }], raw_output_contents: [labels, ys] },
      { outputs: [label, y], raw_output_contents: [labels] },
      { outputs: [label, y] },
    ];
    for (const answer of answers) expect(await reasonOf((_call, done) => done(null, answer))).toBe("500 model_error");
  });

  it("is asked again when the server said that it was busy, and left alone after five failures", async () => {
    let asked = 0;
    const busy = new Metadata();
    busy.set("retry-after", "1");
    const first = pool(at(await serve((_call, done) => {
      asked += 1;
      if (asked === 1) done({ code: codes.UNAVAILABLE, details: "busy", metadata: busy });
      else done(null, raw);
    })));
    expect((await first.run([X, WHO])).ok).toBe(true);
    expect(asked).toBe(2);
    await first.close();
    asked = 0;
    const second = pool(at(await serve((_call, done) => {
      asked += 1;
      done({ code: codes.INTERNAL, details: "crash" });
    })));
    for (let run = 0; run < 5; run += 1) await second.run([X, WHO]);
    expect(await second.run([X, WHO])).toMatchObject({ ok: false, error: { message: expect.stringContaining("left alone") as string } });
    expect(asked).toBe(5);
    await second.close();
  });
});
