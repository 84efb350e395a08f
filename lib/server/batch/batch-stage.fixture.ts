import { createHash, randomUUID } from "node:crypto";
import { once } from "node:events";
import { createServer, type Server } from "node:http";
import { readFileSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { stagingPolicy, type EnvironmentPolicy } from "#lib/contracts/environment-policy.ts";
import { leaseBatch, postBatchPart, postBatchResult, tickBatch } from "#lib/contracts/api/batch-runtime-operations.ts";
import { leaseEvaluation, postEvaluationResult, tickEvaluation } from "#lib/contracts/api/evaluation-runtime-operations.ts";
import { leaseLoadTest, postLoadTestResult, tickLoadTest } from "#lib/contracts/api/load-test-runtime-operations.ts";
import { policyActor, type Actor } from "../ports.ts";
import { postStreamReport } from "#lib/contracts/api/stream-runtime-operations.ts";
import { type TestApp, testApp, testPerson } from "../test-app.ts";

const EXAMPLES = new URL("../../../examples/", import.meta.url);

const POLICY: EnvironmentPolicy = { ...stagingPolicy, approvalsRequired: 1, requiredEvidence: ["artifact_inspected"] };

export type BatchStage = TestApp & {
  readonly engineer: Actor;
  readonly lead: Actor;
  readonly admin: Actor;
  readonly runtime: Actor;
  /** Uploads rows; answers the digest. */
  upload(name: string, text: string | Uint8Array): Promise<string>;
  /** What is in the store under a digest. */
  read(digest: string): Promise<Buffer>;
  /** The part of the runtime protocol that batch work and its start need, on a real port. */
  serveRuntimes(): Promise<{ url: string; token: string; close(): Promise<void> }>;
};

async function register(stage: TestApp, engineer: Actor, model: string, version: string): Promise<void> {
  const form = new FormData();
  const at = (name: string): URL => new URL(`${model}/${version}/${name}`, EXAMPLES);
  form.set("version", version);
  form.set("model", new Blob([readFileSync(at("model.onnx"))]), "model.onnx");
  form.set("golden", readFileSync(at("golden.json"), "utf8"));
  form.set("sample", new Blob([readFileSync(new URL(`${model}/holdout.csv`, EXAMPLES))]), "holdout.csv");
  const request = new Response(form);
  await stage.app.registerUploaded(engineer, model, { contentType: request.headers.get("content-type"), contentLength: null, body: request.body });
}

/** An installation with two versions of the credit example and a batch endpoint that uses the first. */
export async function batchStage(): Promise<BatchStage> {
  const stage = await testApp();
  const { app } = stage;
  const engineer = await testPerson(app, "Priya Nair", ["engineer"]);
  const lead = await testPerson(app, "Maren Okafor", ["ml_lead"]);
  const admin = await testPerson(app, "Oskar Lind", ["admin"]);
  const runtime: Actor = { ...policyActor("rt-1"), type: "runtime", id: randomUUID(), roles: [{ role: "runtime", environmentId: null }] };
  await app.registry.createEnvironment(admin, { name: "production", policy: POLICY });
  await app.registry.createModel(engineer, { name: "credit-default", intendedUse: "Rates loans in a test.", riskTier: "low" });
  await register(stage, engineer, "credit-default", "1.0.0");
  await register(stage, engineer, "credit-default", "1.1.0");
  await app.registry.createEndpoint(lead, { name: "credit-nightly", environment: "production", model: "credit-default", version: "1.0.0", pattern: "batch" });
  return {
    ...stage,
    engineer,
    lead,
    admin,
    runtime,
    async upload(name, text) {
      const bytes = typeof text === "string" ? Buffer.from(text) : text;
      return (await app.receiveBatchInput(engineer, { name, bytes: chunksOf(bytes), sizeBytes: null })).digest;
    },
    read: async (digest) => readFileSync(await (await app.artifacts()).localPath(digest)),
    serveRuntimes: () => serveRuntimes(stage, runtime),
  };
}

async function* chunksOf(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += 65_536) yield bytes.subarray(at, at + 65_536);
}

async function serveRuntimes({ app }: TestApp, runtime: Actor): Promise<{ url: string; token: string; close(): Promise<void> }> {
  const takeStreamReport = (path: string, body: unknown): Promise<unknown> =>
    app.streams.receiveStreamReport(runtime, path.split("/")[1] ?? "", postStreamReport.body.parse(body));
  const takeEvaluation = (path: string, body: Record<string, unknown>): Promise<unknown> => {
    const [, evaluationId = "", verb] = path.split("/");
    if (evaluationId === "lease") return app.evaluations.leaseEvaluation(runtime, leaseEvaluation.body.parse(body).bootId).then((answer) => leaseEvaluation.response.parse(answer));
    if (verb === "tick") return app.evaluations.tickEvaluation(runtime, evaluationId, tickEvaluation.body.parse(body));
    return app.evaluations.recordEvaluation(runtime, { evaluationId, result: postEvaluationResult.body.parse(body) });
  };
  const takeLoadTest = (path: string, body: Record<string, unknown>): Promise<unknown> => {
    const [, loadTestId = "", verb] = path.split("/");
    if (loadTestId === "lease") return app.loadTests.leaseLoadTest(runtime, leaseLoadTest.body.parse(body).bootId).then((answer) => leaseLoadTest.response.parse(answer));
    if (verb === "tick") return app.loadTests.tickLoadTest(runtime, loadTestId, tickLoadTest.body.parse(body));
    return app.loadTests.recordLoadTest(runtime, { loadTestId, result: postLoadTestResult.body.parse(body) });
  };
  const takeReport = (path: string, body: Record<string, unknown>): Promise<unknown> => (path.startsWith("streams/") ? takeStreamReport : path.startsWith("load-tests/") ? takeLoadTest : takeEvaluation)(path, body);
  const answer = async (method: string, path: string, query: URLSearchParams, body: Buffer, range: string | undefined): Promise<unknown> => {
    const json = (): Record<string, unknown> => JSON.parse(body.toString("utf8")) as Record<string, unknown>;
    if (path === "register") return app.runtimes.registerRuntime(runtime, json() as never);
    if (path === "acks" || path === "windows") return { accepted: 0, ignored: 0 };
    if (path === "jobs/lease") return { job: null };
    if (path === "batch/lease") return leaseBatch.response.parse(await app.batch.leaseBatch(runtime, leaseBatch.body.parse(json()).bootId));
    if (path === "batch/parts") return postBatchPart.response.parse(await app.receiveBatchPart(runtime, chunksOf(body)));
    if (/^(evaluations|streams|load-tests)\//.test(path)) return takeReport(path, json());
    const partition = /^batch\/([^/]+)\/(\d+)\/(tick|result)$/.exec(path);
    if (partition !== null) {
      const at = { jobId: partition[1] ?? "", index: Number(partition[2]) };
      if (partition[3] === "tick") return app.batch.tickBatch(runtime, at, tickBatch.body.parse(json()));
      const recorded = await app.batch.recordBatchResult(runtime, at, postBatchResult.body.parse(json()));
      return recorded;
    }
    if (path === "state") {
      const request = { bootId: query.get("bootId") ?? "", revision: Number(query.get("revision")), waitSeconds: 1 };
      return app.runtimes.awaitDesiredState(runtime, request, (ms) => new Promise((resolve) => setTimeout(resolve, Math.min(ms, 50))), () => false);
    }
    if (method === "GET" && path.startsWith("artifacts/")) {
      const bytes = readFileSync(await (await app.artifacts()).localPath(decodeURIComponent(path.slice("artifacts/".length))));
      const [, from = "0", to = ""] = /^bytes=(\d+)-(\d*)$/.exec(range ?? "") ?? [];
      return bytes.subarray(Number(from), to === "" ? bytes.length : Number(to) + 1);
    }
    throw new Error(`no such path: ${path}`);
  };
  const server: Server = createServer((request, response) => {
    void (async () => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) if (Buffer.isBuffer(chunk)) chunks.push(chunk);
      const url = new URL(request.url ?? "/", "http://control");
      const path = url.pathname.replace("/api/runtime/v1/", "");
      const said = await answer(request.method ?? "GET", path, url.searchParams, Buffer.concat(chunks), request.headers.range);
      if (said === null) response.writeHead(204).end();
      else if (Buffer.isBuffer(said)) response.writeHead(request.headers.range === undefined ? 200 : 206, { "content-range": `bytes ${/\d+/.exec(request.headers.range ?? "0")?.[0] ?? 0}-0/0` }).end(said);
      else response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(said));
    })().catch((error: unknown) => {
      if (!response.headersSent) response.writeHead(500, { "content-type": "application/json" });
      response.end(JSON.stringify({ title: String(error) }));
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    token: `slp_${createHash("sha256").update(runtime.id).digest("hex").slice(0, 40)}`,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
