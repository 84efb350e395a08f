import { appendFile, copyFile, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openLocalArtifactStore } from "#lib/server/artifacts/local-artifact-store.ts";
import { createApp } from "#lib/server/composition.ts";
import { type TestDatabase, testDatabase } from "#lib/server/db/test-database.ts";
import { type ReleaseStage, releaseStage } from "#lib/server/releases/release-stage.fixture.ts";
import { withClient } from "../postgres/roles.ts";
import { type Manifest, tableFile, verifyBackup } from "./manifest.ts";
import { restoreBackup } from "./restore-backup.ts";
import { writeBackup } from "./write-backup.ts";

let stage: ReleaseStage;
let home: string;
let folder: string;
let taken: Manifest;

const source = async () => ({
  databaseUrl: stage.database.appUrl, dataDirectory: stage.app.settings.dataDirectory, artifacts: await stage.app.artifacts(), slipwayVersion: "0.1.0",
});

beforeAll(async () => {
  home = await mkdtemp(path.join(tmpdir(), "slipway-backup-"));
  stage = await releaseStage();
  await stage.createRelease();
  await (await stage.app.trail()).signNow();
  folder = path.join(home, "backup");
  taken = await writeBackup(await source(), folder, new Date("2026-03-01T10:00:00Z"));
});
afterAll(async () => {
  await stage.close();
  await rm(home, { recursive: true, force: true });
});

/** An empty database of the same server, and a data directory. */
async function emptyPlace(name: string): Promise<{ readonly database: TestDatabase; readonly data: string }> {
  const database = await testDatabase();
  await withClient(database.superuserUrl, async (client) => {
    await client.query("DROP SCHEMA public CASCADE");
    await client.query("CREATE SCHEMA public AUTHORIZATION slipway_owner");
    await client.query("GRANT USAGE ON SCHEMA public TO slipway_app");
  });
  return { database, data: path.join(home, name) };
}

const targetOf = async ({ database, data }: { readonly database: TestDatabase; readonly data: string }) => ({
  ownerUrl: database.ownerUrl, superuserUrl: database.superuserUrl, appRole: "slipway_app", dataDirectory: data, artifacts: await openLocalArtifactStore({ directory: path.join(data, "artifacts") }),
});

describe("a backup", () => {
  test("is whole: every table, the artifacts, the keys, and it is as it was written", async () => {
    expect(await verifyBackup(folder)).toEqual(taken);
    expect(taken.artifacts).toHaveLength(2);
    expect(taken.keys.map(({ name }) => name)).toEqual(["signing-key", "verifier-key", "last-signed"]);
    expect(taken.audit.entries).toBeGreaterThan(5);
    expect(taken.tables.find(({ name }) => name === "AuditEvent")?.rows).toBe(taken.audit.entries);
  });

  test("restored elsewhere is the same installation: rows, an intact trail, files that answer, guards awake, and new work", async () => {
    const place = await emptyPlace("restored");
    const { lostEntries } = await restoreBackup(folder, await targetOf(place));
    expect(lostEntries).toBe(0);
    const app = createApp({ ...stage.app.settings, databaseUrl: place.database.appUrl, dataDirectory: place.data, artifactDirectory: path.join(place.data, "artifacts") });
    try {
      expect(await app.install()).toMatchObject({ installId: (await stage.app.install()).installId });
      expect((await app.readiness()).checks.filter(({ blocking, ok }) => blocking && !ok)).toEqual([]);
      expect(await app.audit.verify(stage.lead)).toMatchObject({ intact: true, entries: taken.audit.entries });
      expect((await app.registry.readModel(stage.engineer, { model: "digits" } as never)) as object).toMatchObject({ name: "digits" });
      expect(await (await app.artifacts()).sizeOf(`sha256:${taken.artifacts[0]?.path.split("/").at(-1) ?? ""}`)).toBeGreaterThan(100);
      await withClient(place.database.superuserUrl, (client) => expect(client.query(`DELETE FROM "AuditEvent"`)).rejects.toThrow());
      // Sequences and numbers go on where they were.
      await app.registry.createModel(stage.engineer, { name: "after-restore", intendedUse: "Shows that work goes on.", riskTier: "low" });
      expect(await app.audit.verify(stage.lead)).toMatchObject({ intact: true });
      await expect(restoreBackup(folder, await targetOf(place))).rejects.toThrow("holds an installation already");
    } finally {
      await app.stop();
      await place.database.drop();
    }
  });

  test("older than what was signed is restored, and the loss is told and keeps the control plane from being ready", async () => {
    await stage.app.registry.createModel(stage.engineer, { name: "signed-later", intendedUse: "Is signed after the backup.", riskTier: "low" });
    await (await stage.app.trail()).signNow();
    const place = await emptyPlace("older");
    const audit = path.join(stage.app.settings.dataDirectory, "audit");
    await restoreBackup(folder, await targetOf(place));
    for (const name of await readdir(audit)) await copyFile(path.join(audit, name), path.join(place.data, "audit", name)).catch(() => undefined);
    const app = createApp({ ...stage.app.settings, databaseUrl: place.database.appUrl, dataDirectory: place.data, artifactDirectory: path.join(place.data, "artifacts") });
    const second = await emptyPlace("older");
    try {
      expect(JSON.stringify(await app.readiness())).toContain("AUDIT_ROLLBACK_DETECTED");
      expect((await restoreBackup(folder, await targetOf(second))).lostEntries).toBeGreaterThan(0);
    } finally {
      await app.stop();
      await place.database.drop();
      await second.database.drop();
    }
  });

  test("that was changed, shortened or broken off is refused before anything is written", async () => {
    const place = await emptyPlace("refused");
    try {
      await appendFile(tableFile(folder, "Model"), "x");
      await expect(restoreBackup(folder, await targetOf(place))).rejects.toThrow("Model.rows is not what was backed up");
      await rm(tableFile(folder, "Model"));
      await expect(restoreBackup(folder, await targetOf(place))).rejects.toThrow("Model.rows is missing");
      await rm(path.join(folder, "manifest.json"));
      await expect(restoreBackup(folder, await targetOf(place))).rejects.toThrow("no complete backup");
      await writeFile(path.join(folder, "manifest.json"), "{}");
      await expect(restoreBackup(folder, await targetOf(place))).rejects.toThrow("another version");
    } finally {
      await place.database.drop();
    }
  });
});
