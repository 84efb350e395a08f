import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { AppError } from "#lib/domain/errors.ts";
import { batchStage, type BatchStage } from "../batch/batch-stage.fixture.ts";
import { openHeaders, sealHeaders } from "./seal-headers.ts";
import { watchTargets } from "./watch-targets.ts";

const codeOf = (attempt: Promise<unknown>): Promise<string> =>
  attempt.then(
    () => "done",
    (error: unknown) => (error instanceof AppError ? error.code : String(error)),
  );

/** What a server says by method and path; the shapes are those of the servers' own documents. */
type Says = Record<string, { status?: number; body: unknown }>;

describe("targets, on a real database and against real HTTP", () => {
  let stage: BatchStage;
  let server: Server;
  let url: string;
  const says: Says = {};
  const asked: string[] = [];
  const authorizations = new Set<string | undefined>();

  beforeAll(async () => {
    stage = await batchStage();
    server = createServer((request, response) => {
      const key = `${request.method} ${request.url}`;
      asked.push(key);
      authorizations.add(request.headers.authorization);
      const found = says[key];
      response.writeHead(found === undefined ? 404 : (found.status ?? 200), { "content-type": "application/json" });
      response.end(JSON.stringify(found?.body ?? { error: "no such model" }));
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterAll(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    await stage.close();
  });

  const desk = () => ({ store: stage.app.store, secret: stage.app.settings.secret });
  const create = (name: string, kind: "oip_http" | "tf_serving" | "torchserve" | "json", more: Record<string, unknown> = {}) =>
    stage.app.targets.createTarget(stage.admin, { name, environment: "production", kind, url, headers: { authorization: `Bearer ${name}` }, secret: stage.app.settings.secret, ...more });
  const bind = (target: string, version: string, remoteVersion: string | null) =>
    stage.app.targets.bindVersion(stage.lead, { target, model: "credit-default", version, remoteModel: "credit", remoteVersion });
  /** Reads everything again, whenever it was read last. */
  const look = async () => {
    await stage.app.store.write(async ({ uow, appendAudit }) => {
      await uow.targets.forgetReadings();
      await appendAudit({ drafts: [{ action: "target.restored", targets: [] }], actor: stage.admin, context: stage.admin.context, forceCheckpoint: false });
    });
    await watchTargets(desk());
    const view = await stage.app.targets.readTargets(stage.lead, {});
    return new Map(view.targets.flatMap(({ name, bindings }) => bindings.map((binding) => [name, binding] as const)));
  };

  it("are named by administrators, and never at an address that keeps credentials", async () => {
    expect(await codeOf(stage.app.targets.createTarget(stage.engineer, { name: "x", environment: "production", kind: "oip_http", url, secret: stage.app.settings.secret }))).toBe("forbidden");
    expect(await codeOf(create("x", "oip_http", { url: "http://169.254.169.254/latest" }))).toBe("invalid_input");
    expect(await codeOf(create("x", "oip_http", { url: "http://[fe80::1]/" }))).toBe("invalid_input");
    expect((await create("tf", "tf_serving")).name).toBe("tf");
    expect(await codeOf(create("tf", "tf_serving"))).toBe("already_exists");
  });

  it("keep their credentials sealed: not in the database, not in the trail, and of no use for another target", async () => {
    const [row] = await stage.app.store.read((db) => db.targets.listTargets());
    expect(Buffer.from(row?.sealedHeaders ?? []).includes("Bearer")).toBe(false);
    expect(openHeaders(stage.app.settings.secret, row?.id ?? "", row?.sealedHeaders ?? null)).toEqual({ authorization: "Bearer tf" });
    expect(() => openHeaders(stage.app.settings.secret, randomUUID(), row?.sealedHeaders ?? null)).toThrow();
    expect(() => openHeaders("another secret that is long enough for us", row?.id ?? "", row?.sealedHeaders ?? null)).toThrow();
    expect(Buffer.from(sealHeaders("s".repeat(32), "t", {})).equals(Buffer.from(sealHeaders("s".repeat(32), "t", {})))).toBe(false);
    const { events } = await stage.app.audit.list({ ...stage.lead, roles: [{ role: "auditor", environmentId: null }] }, { limit: 200 });
    expect(JSON.stringify(events)).not.toContain("Bearer");
  });

  it("get a version before it is put anywhere, once, and give runtimes the way there", async () => {
    expect(await codeOf(bind("tf", "1.0.0", "42"))).toBe("conflict");
    await bind("tf", "1.1.0", "42");
    expect(await codeOf(bind("tf", "1.1.0", "43"))).toBe("conflict");
    await stage.app.registry.createEnvironment(stage.admin, { name: "staging" });
    expect(await codeOf(stage.app.registry.createEndpoint(stage.lead, { name: "wrong-place", environment: "staging", model: "credit-default", version: "1.1.0" }))).toMatch(/conflict|requirements_open/);
    await stage.app.registry.createEndpoint(stage.lead, { name: "credit-online", environment: "production", model: "credit-default", version: "1.1.0" });
    const state = await stage.app.withCredentials(await stage.app.store.readSnapshot((db) => db.desired.readDesiredState()));
    expect(state.versions.map(({ upstream }) => upstream)).toEqual([
      expect.objectContaining({ kind: "tf_serving", url, model: "credit", version: "42", headers: { authorization: "Bearer tf" } }),
    ]);
  });

  it("are read back; a server that took a higher version by itself is drift, and opens one incident", async () => {
    says["GET /v1/models/credit"] = { body: { model_version_status: [{ version: "42", state: "AVAILABLE", status: { error_code: "OK", error_message: "" } }] } };
    expect((await look()).get("tf")).toMatchObject({ drift: "none", served: [{ version: "42", state: "ready", isDefault: true }], endpoints: ["credit-online"] });
    says["GET /v1/models/credit"] = {
      body: { model_version_status: [{ version: "43", state: "AVAILABLE", status: {} }, { version: "42", state: "AVAILABLE", status: {} }] },
    };
    const foreign = (await look()).get("tf");
    expect(foreign?.drift).toBe("foreign");
    expect(foreign?.driftProblem).toBe("The server answers by credit version 43 when none is named; approved is 42.");
    expect(foreign?.mayRestore.closedBecause).toBe("This kind of server cannot be told what to serve.");
    await look();
    const { rows } = await stage.app.incidents.listIncidents(stage.lead, {});
    expect(rows.filter(({ title }) => title.startsWith("tf serves something else"))).toHaveLength(1);
    expect(authorizations).toEqual(new Set(["Bearer tf"]));
  });

  it("are reached another way when an administrator says so with a reason: read back anew, and told to runtimes", async () => {
    const change = (actor: BatchStage["admin"], more: Record<string, unknown>) =>
      stage.app.targets.changeTarget(actor, { target: "tf", url, managementUrl: null, timeoutMs: 10_000, reason: "The key was rotated.", secret: stage.app.settings.secret, ...more });
    expect(await codeOf(change(stage.engineer, { timeoutMs: 500 }))).toBe("forbidden");
    expect(await codeOf(change(stage.admin, {}))).toBe("conflict");
    expect(await codeOf(change(stage.admin, { url: "http://169.254.169.254/" }))).toBe("invalid_input");
    const before = await stage.app.store.readSnapshot((db) => db.desired.readDesiredState());
    await change(stage.admin, { timeoutMs: 500 });
    await change(stage.admin, { timeoutMs: 500, headers: { authorization: "Bearer rotated" } });
    const after = await stage.app.withCredentials(await stage.app.store.readSnapshot((db) => db.desired.readDesiredState()));
    expect(after.revision).toBeGreaterThan(before.revision);
    expect(after.versions.map(({ upstream }) => upstream)).toEqual([expect.objectContaining({ timeoutMs: 500, headers: { authorization: "Bearer rotated" } })]);
    const view = await stage.app.targets.readTargets(stage.lead, {});
    expect(view.targets.find(({ name }) => name === "tf")?.bindings).toMatchObject([{ drift: "unread", readAt: null }]);
    const { events } = await stage.app.audit.list({ ...stage.lead, roles: [{ role: "auditor", environmentId: null }] }, { limit: 200 });
    expect(events.filter(({ action }) => action === "target.changed")).toHaveLength(2);
    expect(JSON.stringify(events)).not.toContain("rotated\"");
  });

  it("tell a server that is away apart from one that was changed", async () => {
    says["GET /v1/models/credit"] = { status: 500, body: {} };
    expect((await look()).get("tf")).toMatchObject({ drift: "unreachable", driftProblem: "The server answered 500." });
    says["GET /v1/models/credit"] = { body: "not what such a server says" };
    expect((await look()).get("tf")).toMatchObject({ drift: "unreachable" });
  });
});

describe("restoring", () => {
  it("makes TorchServe and an Open Inference Protocol server serve again what was approved", async () => {
    const stage = await batchStage();
    let isLoaded = false;
    let torchDefault = "2.0";
    const server = createServer((request, response) => {
      const key = `${request.method} ${request.url}`;
      if (key === "POST /v2/repository/models/credit/load") isLoaded = true;
      if (key === "PUT /models/credit/1.0/set-default") torchDefault = "1.0";
      const torch = (version: string) => ({ modelName: "credit", modelVersion: version, workers: [{ id: "9000", status: "READY" }] });
      const bodies: Record<string, unknown> = {
        "GET /v2/models/credit": { name: "credit", versions: ["1"], platform: "onnxruntime_onnx", inputs: [], outputs: [] },
        "GET /models/credit": [torch(torchDefault)],
        "GET /models/credit/all": [torch("1.0"), torch("2.0")],
        "POST /v2/repository/models/credit/load": {},
        "PUT /models/credit/1.0/set-default": { status: 'Default version successfully updated for model "credit" to "1.0"' },
      };
      if (key === "GET /v2/models/credit/versions/1/ready") return void response.writeHead(isLoaded ? 200 : 400).end();
      response.writeHead(key in bodies ? 200 : 404, { "content-type": "application/json" }).end(JSON.stringify(bodies[key] ?? {}));
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const { app, admin, lead, engineer } = stage;
    try {
      await app.targets.createTarget(admin, { name: "triton", environment: "production", kind: "oip_http", url, secret: app.settings.secret });
      await app.targets.createTarget(admin, { name: "torch", environment: "production", kind: "torchserve", url, secret: app.settings.secret });
      // The credit model has twelve inputs: TorchServe is refused it.
      expect(await codeOf(app.targets.bindVersion(lead, { target: "torch", model: "credit-default", version: "1.1.0" }))).toBe("invalid_input");
      const { id } = await app.targets.bindVersion(lead, { target: "triton", model: "credit-default", version: "1.1.0", remoteModel: "credit", remoteVersion: "1" });
      await watchTargets({ store: app.store, secret: app.settings.secret });
      const before = (await app.targets.readTargets(lead, {})).targets.find(({ name }) => name === "triton")?.bindings[0];
      expect([before?.drift, before?.driftProblem, before?.mayRestore.open]).toEqual(["missing", "credit version 1 is unavailable.", true]);
      expect(await app.restoreBinding(engineer, { bindingId: id, reason: "Somebody unloaded it by hand." })).toEqual({ drift: "none", problem: null });
      const { restoreTarget, readTarget } = await import("./read-target.ts");
      const access = { kind: "torchserve" as const, url, managementUrl: null, headers: {} };
      expect(await readTarget(access, "credit")).toEqual([{ version: "1.0", state: "ready", isDefault: false }, { version: "2.0", state: "ready", isDefault: true }]);
      await restoreTarget(access, "credit", "1.0");
      expect(await readTarget(access, "credit")).toContainEqual({ version: "1.0", state: "ready", isDefault: true });
      await expect(restoreTarget({ ...access, kind: "tf_serving" }, "credit", "1")).rejects.toThrow("cannot be told");
    } finally {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await stage.close();
    }
  });
});
