import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CreateBucketCommand } from "@aws-sdk/client-s3";
import { expect, test } from "vitest";
import { createApp } from "#lib/server/composition.ts";
import { HAS_S3_SERVER, startS3Server, WITH_S3_SERVER } from "#lib/server/s3/s3-server.fixture.ts";
import { testApp, testPerson } from "#lib/server/test-app.ts";
import { writeBackup } from "./write-backup.ts";

test.skipIf(!HAS_S3_SERVER)(`an installation on two hosts: registered on one, read on the other, backed up whole ${WITH_S3_SERVER}`, async () => {
  const server = await startS3Server();
  await server.client.send(new CreateBucketCommand({ Bucket: "models" }));
  const address = `s3://models/one?endpoint=${encodeURIComponent(server.endpoint)}`;
  const one = await testApp({ variables: { SLIPWAY_ARTIFACT_S3: address } });
  const directory = mkdtempSync(join(tmpdir(), "slipway-host-"));
    const other = createApp({ ...one.app.settings, dataDirectory: directory, artifactDirectory: join(directory, "artifacts") });
  try {
    const engineer = await testPerson(one.app, "Priya Nair", ["engineer"]);
    await one.app.registry.createModel(engineer, { name: "iris", intendedUse: "Tells irises apart.", riskTier: "low" });
    const form = new FormData();
    form.set("version", "1.0.0");
    form.set("model", new Blob([readFileSync("examples/digits/1.0.0/model.onnx")]), "model.onnx");
    const request = new Request("http://localhost/", { method: "POST", body: form });
    await one.app.registerUploaded(engineer, "iris", { contentType: request.headers.get("content-type"), contentLength: null, body: request.body });

    const graph = await other.artifactDesk.graph(engineer, { model: "iris", version: "1.0.0" });
    expect(graph.nodeCount).toBeGreaterThan(2);
    const backup = await writeBackup(
      { databaseUrl: one.database.appUrl, dataDirectory: directory, artifacts: await other.artifacts(), slipwayVersion: "0.1.0" },
      join(directory, "backup"),
      new Date("2026-03-01T10:00:00Z"),
    );
    expect(backup.artifacts.map(({ sha256 }) => sha256)).toEqual([createHash("sha256").update(readFileSync("examples/digits/1.0.0/model.onnx")).digest("hex")]);
  } finally {
    await other.stop();
    await server.stop();
    rmSync(directory, { recursive: true, force: true });
    await one.close();
  }
}, 120_000);
