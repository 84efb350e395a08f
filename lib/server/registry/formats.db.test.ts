import { generateKeyPairSync, sign } from "node:crypto";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { Client } from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { SCANNER_VERSION } from "#lib/domain/artifact/scanner-version.ts";
import { AppError } from "#lib/domain/errors.ts";
import type { App } from "../composition.ts";
import { called, pickle4, shell, stackImported, str } from "../artifacts/corpus/pickle-builder.fixture.ts";
import { type Actor, systemActor } from "../ports.ts";
import { type TestApp, testApp, testPerson } from "../test-app.ts";
import { openEnvironment, registerIris } from "./views/registry-views.fixture.ts";

const CORPUS = resolve("lib/server/artifacts/corpus");
let started: TestApp;
let app: App;
let engineer: Actor;
let admin: Actor;
let database: Client;

beforeAll(async () => {
  started = await testApp();
  ({ app } = started);
  engineer = await testPerson(app, "Priya Nair", ["engineer"]);
  admin = await testPerson(app, "Ada Admin", ["admin"]);
  database = new Client({ connectionString: started.database.superuserUrl });
  await database.connect();
  await app.registry.createModel(engineer, { name: "formats", intendedUse: "Holds a version of each format.", riskTier: "low" });
});
afterAll(async () => {
  await database.end();
  await started.close();
});

function upload(bytes: Uint8Array, fields: Readonly<Record<string, string>>) {
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) form.set(name, value);
  form.set("model", new Blob([new Uint8Array(bytes)]), "whatever.bin");
  const request = new Request("http://localhost/", { method: "POST", body: form });
  return { contentType: request.headers.get("content-type"), contentLength: null, body: request.body };
}

const registerFile = (name: string, version: string) => app.registerUploaded(engineer, "formats", upload(readFileSync(join(CORPUS, name)), { version }));
const read = (version: string) => app.views.readVersionView(engineer, { model: "formats", version });

describe("every format is registered by its content, whatever the file is called", () => {
  it.each([
    ["sklearn-1.9-forest.joblib", "pickle", "1.0.0"],
    ["audit-tree-4.4.pmml", "pmml", "2.0.0"],
    ["tensorflow-linear.tgz", "savedmodel", "3.0.0"],
    ["skl2onnx-logistic-opset17.onnx", "onnx", "4.0.0"],
  ])("%s is %s", async (file, format, version) => {
    const registered = await registerFile(file, version);
    const view = await read(version);
    expect(view).toMatchObject({ format, served: format === "onnx", scan: { verdict: "passed", scannerVersion: SCANNER_VERSION } });
    // Only what the bundled runtime can load is sent to one.
    expect(registered.jobId === null).toBe(format !== "onnx");
    expect(view.mayTry.open).toBe(format === "onnx");
    expect(view.portability.length).toBeGreaterThan(2);
  });

  it("takes the contract from the PMML document", async () => {
    const { contract, signature, labelOutput } = await read("2.0.0");
    expect(signature.inputs.map(({ name, datatype }) => [name, datatype])).toEqual([["age", "INT64"], ["income", "FP64"], ["employment", "BYTES"], ["grade", "INT64"], ["owner", "BOOL"]]);
    expect(signature.outputs.map(({ name, datatype }) => [name, datatype])).toEqual([["decision", "BYTES"], ["probability_yes", "FP64"]]);
    expect(labelOutput).toBe("decision");
    // Read off the document by hand.
    const rules = contract.fields.map(({ field, nulls, imputeValue, range, domain, action }) => ({ field, nulls, imputeValue, range, domain, action }));
    expect(rules).toEqual([
      { field: "age", nulls: "reject", imputeValue: null, range: { min: 18, max: 100 }, domain: null, action: "reject" },
      { field: "income", nulls: "impute", imputeValue: 30_000, range: { min: 0, max: 1_000_000 }, domain: null, action: "flag" },
      { field: "employment", nulls: "impute", imputeValue: "none", range: null, domain: ["private", "public", "none"], action: "impute" },
      { field: "grade", nulls: "reject", imputeValue: 2, range: null, domain: [1, 2, 3], action: "impute" },
      { field: "owner", nulls: "impute", imputeValue: false, range: null, domain: null, action: "flag" },
    ]);
  });

  it("refuses at the gate what no runtime here serves, and says what could", async () => {
    await openEnvironment(app, admin, "formats-env");
    for (const version of ["1.0.0", "2.0.0", "3.0.0"]) {
      await expect(app.registry.createEndpoint(engineer, { name: "never", environment: "formats-env", model: "formats", version })).rejects.toMatchObject({ code: "requirements_open" });
      await expect(app.registry.orderTry(engineer, { model: "formats", version, request: { inputs: [] } })).rejects.toMatchObject({ code: "conflict" });
    }
    await app.registry.createModel(engineer, { name: "formats-live", intendedUse: "Is live with an ONNX version.", riskTier: "low" });
    await registerIris(app, engineer, "formats-live", { version: "1.0.0" });
    await app.registry.createEndpoint(engineer, { name: "formats-endpoint", environment: "formats-env", model: "formats-live", version: "1.0.0" });
    await app.registerUploaded(engineer, "formats-live", upload(readFileSync(join(CORPUS, "sklearn-1.9-knn.pkl")), { version: "2.0.0" }));
    const release = app.releases.createRelease(engineer, { endpoint: "formats-endpoint", version: "2.0.0", submit: true });
    await expect(release).rejects.toMatchObject({ code: "requirements_open" });
    await expect(release).rejects.toThrow(/signed risk acceptance/);
  });
});

const kept = (): string[] => readdirSync(join(app.settings.artifactDirectory), { recursive: true }).map(String).filter((name) => /[0-9a-f]{64}$/.test(name));

it("blocks a pickle that would run a command, runs nothing of it and keeps nothing", async () => {
  const before = kept();
  const bytes = shell();
  const refused = app.registerUploaded(engineer, "formats", upload(bytes, { version: "6.6.6" }));
  await expect(refused).rejects.toBeInstanceOf(AppError);
  await expect(refused).rejects.toThrow(/os\.system/);
  expect(existsSync("/tmp/slipway-was-here")).toBe(false);
  expect(kept()).toEqual(before);
  await expect(read("6.6.6")).rejects.toMatchObject({ code: "not_found" });
});

describe("reading again", () => {
  const odd = pickle4(called(stackImported("my_company.models", "Scorer"), str("x")));

  it("keeps the first reading, with what loading a pickle would import", async () => {
    await app.registerUploaded(engineer, "formats", upload(odd, { version: "7.0.0" }));
    const report = await app.artifactDesk.report(engineer, { model: "formats", version: "7.0.0" });
    expect(report.scans).toMatchObject([{ cause: "registration", verdict: "review", newCodes: [], scannerVersion: SCANNER_VERSION }]);
    expect(report.imports).toEqual([{ name: "my_company.models.Scorer", verdict: "unknown", count: 1, isCalled: true }]);
    expect(report.say).toContain("needs a review");
  });

  it("finds nothing new when asked again, and records no evidence for it", async () => {
    const before = (await read("7.0.0")).evidence.length;
    expect(await app.artifactDesk.scan(engineer, { model: "formats", version: "7.0.0" })).toMatchObject({ verdict: "review", newCodes: [] });
    expect((await read("7.0.0")).evidence.length).toBe(before);
  });

  it("reads every version again when the rules change, and makes evidence of what is new", async () => {
    await database.query(`UPDATE "VersionScan" SET "scannerVersion" = 'rules/old', "findings" = '[]', "verdict" = 'passed'`);
    const reader = systemActor("Artifact scanner");
    // Two versions of the example stand in the tests without their bytes; those are left to the integrity check.
    expect(await app.artifactDesk.scanDue(reader, SCANNER_VERSION, 100)).toBe(6);
    const report = await app.artifactDesk.report(engineer, { model: "formats", version: "7.0.0" });
    expect(report.scans[0]).toMatchObject({ cause: "rules_changed", verdict: "review", newCodes: ["pickle_unknown_import"] });
    expect((await read("7.0.0")).evidence[0]).toMatchObject({ kind: "artifact_inspected", verdict: "passed", producer: "Artifact scanner", producerVersion: SCANNER_VERSION });
    expect(await app.artifactDesk.scanDue(reader, SCANNER_VERSION, 100)).toBe(0);
  });

  it("fails the evidence when what is new blocks", async () => {
    await app.registry.recordScan(engineer, { model: "formats", version: "4.0.0", cause: "rules_changed", findings: [{ code: "operator_custom", severity: "block", title: "Custom operators", message: "A rule of tomorrow.", hint: null }] });
    expect((await read("4.0.0")).evidence[0]).toMatchObject({ kind: "artifact_inspected", verdict: "failed" });
    expect((await app.artifactDesk.report(engineer, { model: "formats", version: "4.0.0" })).say).toContain("is blocked");
  });
});

describe("detached signatures", () => {
  it("are kept once they verify over the digest, and stop a release when they no longer do", async () => {
    const { digest } = await read("4.0.0");
    const { publicKey, privateKey } = generateKeyPairSync("ed25519");
    const pem = publicKey.export({ type: "spki", format: "pem" }).toString();
    const signature = sign(null, Buffer.from(digest), privateKey).toString("base64");
    const ask = { model: "formats", version: "4.0.0", publicKey: pem };
    await expect(app.registry.signVersion(engineer, { ...ask, signature: sign(null, Buffer.from("other"), privateKey).toString("base64") })).rejects.toMatchObject({ code: "invalid_input" });
    await app.registry.signVersion(engineer, { ...ask, signature });
    await expect(app.registry.signVersion(engineer, { ...ask, signature })).rejects.toMatchObject({ code: "already_exists" });
    expect((await read("4.0.0")).signatures).toMatchObject([{ valid: true }]);
    await database.query(`UPDATE "VersionSignature" SET "signature" = $1`, [sign(null, Buffer.from("other"), privateKey).toString("base64")]);
    expect((await read("4.0.0")).signatures).toMatchObject([{ valid: false }]);
    await expect(app.registry.createEndpoint(engineer, { name: "never", environment: "formats-env", model: "formats", version: "4.0.0" })).rejects.toThrow(/does not verify over its digest/);
  });
});

describe("two versions side by side", () => {
  it("tells operators, weights by digest and the contract apart", async () => {
    await registerFile("skl2onnx-logistic-opset12.onnx", "4.1.0");
    await registerFile("skl2onnx-boosting.onnx", "4.2.0");
    const near = await app.artifactDesk.compare(engineer, { model: "formats", from: "4.0.0", to: "4.1.0" });
    expect(near.inventory.changes).toEqual([]);
    expect(near.weights).toMatchObject({ changed: 0 });
    const far = await app.artifactDesk.compare(engineer, { model: "formats", from: "4.0.0", to: "4.2.0" });
    expect(far.inventory.changes).toContainEqual({ name: "ai.onnx.ml.TreeEnsembleRegressor", from: null, to: "1" });
    expect(far.say).toContain("differ in what they take or answer");
    const mixed = await app.artifactDesk.compare(engineer, { model: "formats", from: "1.0.0", to: "4.0.0" });
    expect(mixed.weights).toBeNull();
  });

  it("draws an ONNX graph, and no other", async () => {
    const graph = await app.artifactDesk.graph(engineer, { model: "formats", version: "4.0.0" });
    expect(graph.boxes.map(({ label }) => label)).toContain("LinearClassifier");
    expect(graph.leftOut).toBe(0);
    await expect(app.artifactDesk.graph(engineer, { model: "formats", version: "2.0.0" })).rejects.toMatchObject({ code: "conflict" });
  });
});

describe("files of dependencies", () => {
  const HASH = `--hash=sha256:${"ab".repeat(32)}`;
  const readLocked = (version: string) => app.views.readVersionView(engineer, { model: "locked", version });
  beforeAll(() => app.registry.createModel(engineer, { name: "locked", intendedUse: "Holds versions with files of dependencies.", riskTier: "low" }));
  const withLock = (version: string, file: string, text: string, name = "requirements.txt") => {
    const form = new FormData();
    form.set("version", version);
    form.set("model", new Blob([new Uint8Array(readFileSync(join(CORPUS, file)))]), "model.bin");
    form.append("lock", new Blob([text]), name);
    const request = new Request("http://localhost/", { method: "POST", body: form });
    return app.registerUploaded(engineer, "locked", { contentType: request.headers.get("content-type"), contentLength: null, body: request.body });
  };

  it("become part of the digest, are read, and lock the checklist's item only when each is exact and hashed", async () => {
    await withLock("7.0.0", "clusters-4.1.pmml", `numpy==2.1.0 ${HASH}\nscipy==1.14.0 ${HASH}\n`);
    const good = await readLocked("7.0.0");
    expect(good.files.map(({ name, role }) => [name, role]).sort()).toEqual([["model.bin", "model"], ["requirements.txt", "lock"]]);
    expect(good.digest).not.toBe(good.files.find(({ role }) => role === "model")?.digest);
    expect(good.dependencies).toMatchObject({ files: [{ fileName: "requirements.txt", packages: 2, openEntries: 0 }], findings: [], packageTotal: 2 });
    expect(good.evidence.find(({ kind }) => kind === "dependency_lock_present")).toMatchObject({ verdict: "passed", summary: "2 packages in requirements.txt, each with exact version and hash. No runtime has loaded it yet." });

    await withLock("7.0.1", "ensemble-mining-4.3.pmml", "numpy>=2\n");
    const loose = await readLocked("7.0.1");
    expect(loose.dependencies.findings.map(({ code }) => code)).toEqual(["not_exact"]);
    expect(loose.evidence.find(({ kind }) => kind === "dependency_lock_present")?.verdict).toBe("failed");

    const bom = await app.cards.exportCard(engineer, { model: "locked", version: "7.0.0", revision: null, format: "cyclonedx" });
    const { components } = JSON.parse(bom.bytes.toString("utf8")) as { components: { name: string; type: string }[] };
    expect(components.map(({ name, type }) => `${type} ${name}`)).toEqual(["machine-learning-model locked", "library numpy", "library scipy"]);
  });

  it("are refused with the part they came in, and nothing is registered", async () => {
    const refused = withLock("7.0.2", "scorecard-4.0.pmml", "--index-url https://me:pw@pypi.example.com\nnumpy==1\n");
    await expect(refused).rejects.toMatchObject({ code: "invalid_input", errors: [{ pointer: "/locks/0" }] });
    await expect(readLocked("7.0.2")).rejects.toMatchObject({ code: "not_found" });
  });
});

describe("a version on a server of others", () => {
  let lead: Actor;
  const release = (version: string) => app.releases.createRelease(engineer, { endpoint: "outside-endpoint", version, submit: true });
  const refusal = (version: string) => release(version).then(() => "created", (error: unknown) => (error instanceof AppError ? error.message : String(error)));
  const put = (version: string, target: string) => app.targets.bindVersion(engineer, { target, model: "outside", version });
  const addTarget = (name: string, isIsolated: boolean) =>
    app.targets.createTarget(admin, { name, environment: "outside-env", kind: "oip_http", url: `http://${name}.example.com`, isIsolated, secret: app.settings.secret });

  beforeAll(async () => {
    lead = await testPerson(app, "Maren Okafor", ["ml_lead"]);
    await openEnvironment(app, admin, "outside-env");
    await app.registry.createModel(engineer, { name: "outside", intendedUse: "Is served by servers of others.", riskTier: "low" });
    await registerIris(app, engineer, "outside", { version: "1.0.0" });
    await app.registry.createEndpoint(engineer, { name: "outside-endpoint", environment: "outside-env", model: "outside", version: "1.0.0" });
    await addTarget("shared-server", false);
    await addTarget("isolated-server", true);
  });
  const registerOutside = (bytes: Uint8Array, version: string) => app.registerUploaded(engineer, "outside", upload(bytes, { version }));
  const odd = (name: string) => pickle4(called(stackImported("my_company.models", "Outside"), str(name)));
  const reason = "The class is ours; its code was read line by line.";

  it("is released when it is PMML and a target runs it", async () => {
    await registerOutside(Buffer.from(readFileSync(join(CORPUS, "audit-tree-4.4.pmml"), "utf8").replace("</PMML>", "<!-- outside --></PMML>")), "2.0.0");
    expect(await refusal("2.0.0")).toMatch(/does not evaluate PMML/);
    await put("2.0.0", "shared-server");
    const { id } = await release("2.0.0");
    await app.releases.cancelRelease(engineer, { releaseId: id, expectedRowVersion: null, body: { reason: "Only to see that it opens." } });
  });

  it("is refused when it is a pickle, until it is on an isolated server and somebody else signs for the risk", async () => {
    await registerOutside(odd("shared"), "3.0.0");
    await put("3.0.0", "shared-server");
    await app.registry.acceptRisk(lead, { model: "outside", version: "3.0.0", reason });
    expect(await refusal("3.0.0")).toMatch(/shared-server is not declared as isolated/);

    await registerOutside(odd("isolated"), "4.0.0");
    await put("4.0.0", "isolated-server");
    expect(await refusal("4.0.0")).toMatch(/nobody has signed/);
    const accept = (actor: Actor, over: Record<string, unknown> = {}) => app.registry.acceptRisk(actor, { model: "outside", version: "4.0.0", reason, ...over });
    await expect(accept(engineer)).rejects.toMatchObject({ code: "forbidden" });
    await expect(accept({ ...lead, userId: engineer.userId, personId: engineer.personId })).rejects.toMatchObject({ code: "self_approval" });
    await expect(app.registry.acceptRisk(lead, { model: "outside", version: "1.0.0", reason })).rejects.toMatchObject({ code: "conflict" });
    const before = await app.views.readVersionView(lead, { model: "outside", version: "4.0.0" });
    expect(before.outside).toMatchObject({ allowed: false, target: { name: "isolated-server", isIsolated: true }, acceptance: null, mayAccept: { open: true } });
    const { codes } = await accept(lead);
    expect(codes).toContain("pickle_unknown_import");
    const after = await app.views.readVersionView(engineer, { model: "outside", version: "4.0.0" });
    expect(after.outside).toMatchObject({ allowed: true, acceptance: { signedName: "Maren Okafor", codes }, mayAccept: { open: false } });

    const { id } = await release("4.0.0");
    await app.releases.cancelRelease(engineer, { releaseId: id, expectedRowVersion: null, body: { reason: "Only to see that it opens." } });
    // What a later reading finds has not been accepted by anybody.
    const found = { code: "nested_pickle", severity: "warn" as const, title: "A pickle inside", message: "Another pickle is inside.", hint: null };
    await app.registry.recordScan(systemActor("Artifact scanner"), { model: "outside", version: "4.0.0", cause: "rules_changed", findings: [...after.findings, found] });
    expect(await refusal("4.0.0")).toMatch(/nested_pickle is new/);
  });
});
