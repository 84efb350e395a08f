import { readFile } from "node:fs/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type ReleaseStage, releaseStage } from "#lib/server/releases/release-stage.fixture.ts";
import { testPerson, testToken } from "#lib/server/test-app.ts";
import { type MlflowServer, mlflowServer } from "./mlflow-server.fixture.ts";

/** What a client sends and gets, byte for byte as far as it looks: the protocol is MLflow's and not ours to vary. */

let stage: ReleaseStage;
let server: MlflowServer;
let token: string;
let viewerToken: string;

beforeAll(async () => {
  stage = await releaseStage();
  server = await mlflowServer(stage.app);
  token = await testToken(stage.app, stage.engineer, "engineer");
  viewerToken = await testToken(stage.app, await testPerson(stage.app, "Vera Wolf", ["viewer"]), "viewer");
});
afterAll(async () => {
  await server.close();
  await stage.close();
});

type Answer = { readonly status: number; readonly body: Record<string, any>; readonly headers: Headers }; // eslint-disable-line @typescript-eslint/no-explicit-any

async function ask(method: string, path: string, input: unknown = {}, options: { readonly authorization?: string; readonly prefix?: string } = {}): Promise<Answer> {
  const { authorization = `Bearer ${token}`, prefix = "/api/2.0" } = options;
  const query = method === "GET" ? `?${new URLSearchParams(Object.entries(input as Record<string, string>)).toString()}` : "";
  const response = await fetch(`${server.url}${prefix}/${path}${query}`, {
    method,
    headers: { authorization, "content-type": "application/json" },
    ...(method === "GET" ? {} : { body: JSON.stringify(input) }),
  });
  return { status: response.status, body: (await response.json()) as Answer["body"], headers: response.headers };
}

const mlflow = (method: string, path: string, input: unknown = {}, options = {}): Promise<Answer> => ask(method, `mlflow/${path}`, input, options);

const put = (path: string, bytes: BodyInit, as = token) =>
  fetch(`${server.url}/api/2.0/mlflow-artifacts/artifacts/${path}`, { method: "PUT", headers: { authorization: `Bearer ${as}` }, body: bytes });

const events = (action: string) => stage.app.audit.list(stage.lead, { action, limit: 50 } as never).then(({ events: rows }: { events: readonly { action: string }[] }) => rows.length);

describe("who asks", () => {
  test("is told in MLflow's form when the proof is missing or no good, and may send the token as a password or as a user name", async () => {
    const basic = (text: string): string => `Basic ${Buffer.from(text).toString("base64")}`;
    for (const authorization of ["", "Bearer x", basic("a:b"), "Digest x", `Bearer ${token} x`]) {
      const { status, body } = await mlflow("GET", "registered-models/search", {}, { authorization });
      expect([authorization, status, body["error_code"]]).toEqual([authorization, 401, "UNAUTHENTICATED"]);
    }
    for (const authorization of [`Bearer ${token}`, basic(`anybody:${token}`), basic(`${token}:`)]) {
      expect((await mlflow("GET", "registered-models/search", {}, { authorization })).status).toBe(200);
    }
  });

  test("may not write as a viewer, and the trail has the refusal", async () => {
    const { status, body } = await mlflow("POST", "registered-models/create", { name: "no" }, { authorization: `Bearer ${viewerToken}` });
    expect([status, body["error_code"]]).toEqual([403, "PERMISSION_DENIED"]);
    expect((await mlflow("GET", "registered-models/get", { name: "digits" }, { authorization: `Bearer ${viewerToken}` })).status).toBe(200);
    expect((await put("x/y", "z", viewerToken)).status).toBe(403);
  });

  test("gets ENDPOINT_NOT_FOUND for an address that is not there, under both prefixes the same", async () => {
    for (const prefix of ["/api/2.0", "/ajax-api/2.0"]) {
      expect((await mlflow("GET", "registered-models/get", { name: "digits" }, { prefix })).status).toBe(200);
      const { status, body } = await mlflow("GET", "nothing/here", {}, { prefix });
      expect([status, body["error_code"]]).toEqual([404, "ENDPOINT_NOT_FOUND"]);
    }
    expect((await mlflow("PUT", "registered-models/get", { name: "digits" })).body["error_code"]).toBe("ENDPOINT_NOT_FOUND");
  });
});

describe("what was registered by form", () => {
  test("is there under its name with numbers from 1, versions as strings, times in milliseconds", async () => {
    const { body } = await mlflow("GET", "registered-models/get", { name: "digits" });
    const model = body["registered_model"];
    expect(model).toMatchObject({ name: "digits", tags: [] });
    expect(model.latest_versions[0]).toMatchObject({ name: "digits", version: "2", status: "READY", current_stage: "None" });
    expect(model.creation_timestamp).toBeGreaterThan(1_600_000_000_000);
    // Version 1 is what the endpoint in production serves.
    expect(model.aliases).toEqual(expect.arrayContaining([{ alias: "production", version: "1" }, { alias: "champion", version: "1" }]));
  });

  test("can be downloaded with an MLmodel document, and not overwritten", async () => {
    const { body } = await mlflow("GET", "model-versions/get-download-uri", { name: "digits", version: "1" });
    const root = String(body["artifact_uri"]).replace("mlflow-artifacts:/", "");
    const list = await ask("GET", "mlflow-artifacts/artifacts", { path: root });
    expect(list.body["files"].map(({ path }: { path: string }) => path)).toEqual(["MLmodel", "model.onnx"]);
    const file = await fetch(`${server.url}/api/2.0/mlflow-artifacts/artifacts/${root}/model.onnx`, { headers: { authorization: `Bearer ${token}` } });
    expect(Buffer.from(await file.arrayBuffer()).equals(await readFile("examples/digits/1.0.0/model.onnx"))).toBe(true);
    expect((await put(`${root}/model.onnx`, "x")).status).toBe(403);
  });
});

describe("a governed alias", () => {
  test("opens one release under the environment's policy and names the served version until it is promoted", async () => {
    const first = await mlflow("POST", "registered-models/alias", { name: "digits", alias: "champion", version: "2" });
    expect([first.status, first.body]).toEqual([200, { slipway_release: 1 }]);
    expect((await mlflow("POST", "registered-models/alias", { name: "digits", alias: "production", version: "2" })).body).toEqual({ slipway_release: 1 });
    expect((await mlflow("GET", "registered-models/alias", { name: "digits", alias: "champion" })).body["model_version"].version).toBe("1");
    // What it names already needs no release.
    expect((await mlflow("POST", "registered-models/alias", { name: "digits", alias: "champion", version: "1" })).body).toEqual({});
  });

  test("is refused with the reason, which reaches the notebook word for word", async () => {
    const removed = await mlflow("DELETE", "registered-models/alias", { name: "digits", alias: "champion" });
    expect([removed.status, removed.body["error_code"]]).toEqual([403, "PERMISSION_DENIED"]);
    await mlflow("POST", "model-versions/create", { name: "digits", source: "s3://elsewhere/model" });
    const { status, body } = await mlflow("POST", "registered-models/alias", { name: "digits", alias: "production", version: "3" });
    expect([status, body["error_code"]]).toEqual([403, "PERMISSION_DENIED"]);
    expect(body["message"]).toContain("has no files here");
    expect((await mlflow("DELETE", "model-versions/delete", { name: "digits", version: "1" })).body["error_code"]).toBe("PERMISSION_DENIED");
  });
});

describe("files put by a client", () => {
  const run = async (): Promise<string> => {
    const { body } = await mlflow("POST", "runs/create", { experiment_id: "0", start_time: "1700000000000", tags: [] });
    return String(body["run"].info.artifact_uri).replace("mlflow-artifacts:/", "");
  };

  test("become a registered version with its run in the record; the same bytes again are refused by name", async () => {
    const root = await run();
    expect((await put(`${root}/model/model.onnx`, await readFile("examples/bring-your-own/iris.onnx"))).status).toBe(200);
    await put(`${root}/model/MLmodel`, "flavors:\n  onnx:\n    data: model.onnx\n");
    await mlflow("POST", "registered-models/create", { name: "Iris Species", description: "Tells three kinds of iris apart." });
    const created = await mlflow("POST", "model-versions/create", { name: "Iris Species", source: `mlflow-artifacts:/${root}/model`, run_id: "r1", tags: [{ key: "a", value: 1 }] });
    expect(created.body["model_version"]).toMatchObject({ version: "1", status: "READY", run_id: "r1", tags: [{ key: "a", value: "1" }] });
    const model = await stage.app.registry.readModel(stage.engineer, { model: "iris-species" } as never);
    expect(JSON.stringify(model)).toContain('"1"');
    const again = await mlflow("POST", "model-versions/create", { name: "Iris Species", source: `mlflow-artifacts:/${root}/model` });
    expect([again.status, again.body["error_code"]]).toEqual([400, "RESOURCE_ALREADY_EXISTS"]);
    expect(await events("version.registered")).toBeGreaterThan(0);
  });

  test("that are no model leave a failed version with the reason; a path cannot leave the tree", async () => {
    const root = await run();
    await put(`${root}/m/model.onnx`, "this is not a model");
    await mlflow("POST", "registered-models/create", { name: "broken" });
    const { body } = await mlflow("POST", "model-versions/create", { name: "broken", source: `mlflow-artifacts:/${root}/m` });
    expect(body["model_version"]).toMatchObject({ version: "1", status: "FAILED_REGISTRATION" });
    expect(body["model_version"].status_message.length).toBeGreaterThan(10);
    for (const path of ["a%2f..%2fb", "a//b", "a/%5c/b", "a/%00"]) expect([path, (await put(path, "x")).status]).toEqual([path, 400]);
    expect((await fetch(`${server.url}/api/2.0/mlflow-artifacts/mpu/create/x`, { method: "POST", headers: { authorization: `Bearer ${token}` } })).status).toBe(501);
  });
});

test("a search with bad input is INVALID_PARAMETER_VALUE; a page token belongs to its search; a missing prompt tag means no prompt", async () => {
  for (const input of [{ filter: "name ~ 'x'" }, { max_results: "0" }, { max_results: "1001" }, { order_by: "nothing" }, { page_token: "x" }]) {
    const { status, body } = await mlflow("GET", "registered-models/search", input as Record<string, string>);
    expect([JSON.stringify(input), status, body["error_code"]]).toEqual([JSON.stringify(input), 400, "INVALID_PARAMETER_VALUE"]);
  }
  const first = await mlflow("GET", "registered-models/search", { max_results: "1" });
  const next = String(first.body["next_page_token"]);
  expect(first.body["registered_models"]).toHaveLength(1);
  expect((await mlflow("GET", "registered-models/search", { max_results: "1", page_token: next })).body["registered_models"][0].name).not.toBe(first.body["registered_models"][0].name);
  expect((await mlflow("GET", "registered-models/search", { filter: "name = 'x'", page_token: next })).status).toBe(400);
  const noPrompts = await mlflow("GET", "registered-models/search", { filter: "tags.`mlflow.prompt.is_prompt` != 'true'" });
  expect(noPrompts.body["registered_models"].length).toBeGreaterThan(0);
  expect((await mlflow("GET", "registered-models/search", { filter: "tags.nothing != 'true'" })).body["registered_models"]).toEqual([]);
});

test("errors name what the official client looks for", async () => {
  const missing = await mlflow("GET", "registered-models/get", { name: "absent" });
  expect([missing.status, missing.body]).toEqual([404, { error_code: "RESOURCE_DOES_NOT_EXIST", message: "Registered Model with name=absent not found" }]);
  await mlflow("POST", "registered-models/create", { name: "double" });
  const double = await mlflow("POST", "registered-models/create", { name: "double" });
  expect([double.status, double.body["error_code"]]).toEqual([400, "RESOURCE_ALREADY_EXISTS"]);
  expect((await mlflow("POST", "registered-models/create", {})).body["error_code"]).toBe("INVALID_PARAMETER_VALUE");
  expect((await mlflow("POST", "registered-models/create", { name: "a\u0000b" })).body["error_code"]).toBe("INVALID_PARAMETER_VALUE");
});
