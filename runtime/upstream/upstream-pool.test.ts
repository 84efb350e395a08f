import { once } from "node:events";
import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import type { DesiredUpstream } from "#lib/contracts/upstream.ts";
import type { ModelSignature } from "#lib/domain/artifact/types.ts";
import { tensor } from "../testing/desired.ts";
import { createCircuit } from "./circuit.ts";
import { createUpstreamPool } from "./upstream-pool.ts";
import { atPointer, protocolFor } from "./protocols.ts";
import { fromNested, toNested } from "./nested-values.ts";

const servers: Server[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
});

async function serve(answer: RequestListener): Promise<string> {
  const server = createServer(answer);
  servers.push(server);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const SIGNATURE: ModelSignature = { inputs: [tensor("x", "FP32", ["N", 2])], outputs: [tensor("y", "FP32", ["N"])] };
const X = { datatype: "FP32" as const, shape: [2, 2], data: Float32Array.of(1, 2, 3, 4) };
const at = (url: string, more: Partial<DesiredUpstream> = {}): DesiredUpstream => ({
  targetId: "t1", kind: "oip_http", url, model: "m", version: null, mapping: null, timeoutMs: 300, headers: { authorization: "Bearer secret" }, ...more,
});
const pool = (upstream: DesiredUpstream) => createUpstreamPool(SIGNATURE, upstream, () => undefined);
const good = JSON.stringify({ outputs: [{ name: "y", datatype: "FP32", shape: [2], data: [3, 7] }] });

describe("the forms of servers", () => {
  it("are what their documents show, and come back as the same values", () => {
    const tf = protocolFor(SIGNATURE, at("http://s", { kind: "tf_serving", version: "42" }));
    expect(tf.request([X])).toEqual({ path: "/v1/models/m/versions/42:predict", body: '{"inputs":{"x":[[1,2],[3,4]]}}' });
    expect(protocolFor(SIGNATURE, at("http://s", { kind: "tf_serving", version: "stable" })).request([X]).path).toBe("/v1/models/m/labels/stable:predict");
    expect(tf.answer({ outputs: [3, 7] })[0]?.data).toEqual(Float32Array.of(3, 7));
    expect(tf.answer({ outputs: { y: [3, 7] } })[0]?.shape).toEqual([2]);
    const torch = protocolFor(SIGNATURE, at("http://s", { kind: "torchserve", version: "1.0" }));
    expect(torch.request([X])).toEqual({ path: "/predictions/m/1.0", body: '{"instances":[[1,2],[3,4]]}' });
    expect(torch.answer({ predictions: [3, 7] })[0]?.data).toEqual(Float32Array.of(3, 7));
    const mapping = { path: "/score", inputs: { x: "features" }, outputs: { y: "/result/0/scores" } };
    const json = protocolFor(SIGNATURE, at("http://s", { kind: "json", mapping }));
    expect(json.request([X])).toEqual({ path: "/score", body: '{"features":[[1,2],[3,4]]}' });
    expect(json.answer({ result: [{ scores: [3, 7] }] })[0]?.data).toEqual(Float32Array.of(3, 7));
    const oip = protocolFor(SIGNATURE, at("http://s", { version: "3" }));
    expect(oip.request([X])).toEqual({
      path: "/v2/models/m/versions/3/infer",
      body: '{"inputs":[{"name":"x","datatype":"FP32","shape":[2,2],"data":[1,2,3,4]}],"outputs":[{"name":"y"}]}',
    });
  });

  it("refuse answers that are not theirs", () => {
    const oip = protocolFor(SIGNATURE, at("http://s"));
    const answer = (output: Record<string, unknown>) => () => oip.answer({ outputs: [{ name: "y", datatype: "FP32", shape: [2], data: [3, 7], ...output }] });
    for (const wrong of [{ name: "z" }, { datatype: "INT64" }, { shape: [3] }, { shape: [1e9, 1e9] }, { data: ["a", "b"] }, { data: [1] }]) expect(answer(wrong)).toThrow();
    expect(() => oip.answer({ outputs: "no" })).toThrow();
    expect(() => fromNested("FP32", [[1, 2], [3]], 100)).toThrow();
    expect(() => fromNested("FP32", Array(200).fill(1), 100)).toThrow();
    expect(atPointer({ "a/b": [{ "c~d": 5 }] }, "/a~1b/0/c~0d")).toBe(5);
    expect(atPointer({}, "/constructor")).toBeUndefined();
  });

  it("nest and flatten any shape", () => {
    const wire = { datatype: "INT64" as const, shape: [2, 1, 2], data: BigInt64Array.of(1n, 2n, 3n, 4n) };
    expect(toNested(wire)).toEqual([[[1, 2]], [[3, 4]]]);
    expect(fromNested("INT64", toNested(wire), 100)).toEqual(wire);
  });
});

describe("a version on another server", () => {
  it("is asked with its credentials over connections that are kept", async () => {
    const sockets = new Set<unknown>();
    const seen: (string | undefined)[] = [];
    const one = pool(at(await serve((request, response) => {
      sockets.add(request.socket);
      seen.push(request.headers.authorization);
      response.end(request.method === "GET" ? "{}" : good);
    })));
    await one.start();
    for (let run = 0; run < 5; run += 1) expect((await one.run([X])).ok).toBe(true);
    expect(sockets.size).toBeLessThan(4);
    expect(new Set(seen)).toEqual(new Set(["Bearer secret"]));
    await one.close();
  });

  it("does not start while its server does not have it", async () => {
    const one = pool(at(await serve((_request, response) => response.writeHead(404).end())));
    await expect(one.start()).rejects.toThrow("does not have m ready: it answered 404");
    await one.close();
  });

  it("turns every kind of trouble into an error with its reason", async () => {
    const reasonOf = async (answer: RequestListener): Promise<string> => {
      const one = pool(at(await serve(answer)));
      const outcome = await one.run([X]);
      await one.close();
      return outcome.ok ? "ok" : `${outcome.error.status} ${outcome.error.reason}`;
    };
    expect(await reasonOf((_request, response) => response.writeHead(400).end("bad shape"))).toBe("400 bad_request");
    expect(await reasonOf((_request, response) => response.writeHead(500).end("crash"))).toBe("500 model_error");
    expect(await reasonOf((_request, response) => response.end("<html>"))).toBe("500 model_error");
    expect(await reasonOf(() => undefined)).toBe("503 timeout");
    expect(await reasonOf((request) => request.socket.destroy())).toBe("503 host_lost");
    expect(await reasonOf((_request, response) => response.writeHead(302, { location: "http://169.254.169.254/" }).end())).toMatch(/^50[03] /);
  });

  it("is asked again when the server was busy, only where that is allowed", async () => {
    let asked = 0;
    const url = await serve((_request, response) => {
      asked += 1;
      if (asked === 1) response.writeHead(503).end();
      else response.end(good);
    });
    const one = pool(at(url));
    expect((await one.run([X])).ok).toBe(true);
    expect(asked).toBe(2);
    asked = 0;
    const once = await new Promise<{ ok: boolean }>((done) => {
      one.submit({ inputs: [X], outputs: null, isRetriable: false, owner: "", share: 1, maxQueued: 1, priority: "serving", deadlineMs: null, done });
    });
    expect([once.ok, asked]).toEqual([false, 1]);
    await one.close();
  });

  it("is left alone after five failures, and found again by one request", async () => {
    let [asked, isBroken] = [0, true];
    const one = pool(at(await serve((_request, response) => {
      asked += 1;
      if (isBroken) response.writeHead(500).end();
      else response.end(good);
    })));
    for (let run = 0; run < 9; run += 1) await one.run([X]);
    expect(asked).toBe(5);
    isBroken = false;
    await new Promise((resolve) => setTimeout(resolve, 600));
    expect((await one.run([X])).ok).toBe(true);
    await one.close();
  });
});

it("a circuit opens for longer each time and closes at the first success", () => {
  const circuit = createCircuit();
  for (let failure = 0; failure < 4; failure += 1) circuit.failed(0);
  expect(circuit.closedForMs(0)).toBeNull();
  circuit.failed(0);
  expect(circuit.closedForMs(100)).toBe(400);
  expect(circuit.closedForMs(500)).toBeNull();
  expect(circuit.closedForMs(500)).toBe(500);
  circuit.failed(500);
  expect(circuit.closedForMs(500)).toBe(1000);
  expect(circuit.closedForMs(1500)).toBeNull();
  circuit.succeeded();
  expect(circuit.closedForMs(1500)).toBeNull();
});
