/**
 * A backup of this installation into one folder: database, artifacts, keys of the audit trail. Slipway may go on running.
 *
 *   node scripts/backup.ts --to /backups/2026-03-01        takes it and reads it again
 *   node scripts/backup.ts --verify /backups/2026-03-01    only reads it again
 *
 * The folder holds the signing key: keep it as you keep the key. Exit codes: 0 done, 1 failed, 2 wrong use.
 */
import { existsSync } from "node:fs";
import { parseArgs } from "node:util";
import { openArtifactStore } from "#lib/server/artifacts/open-artifact-store.ts";
import { readControlPlaneSettings, SettingsError } from "#lib/server/env.ts";
import { SLIPWAY_VERSION } from "#lib/server/slipway-version.ts";
import { BackupProblem, verifyBackup } from "./backup/manifest.ts";
import { writeBackup } from "./backup/write-backup.ts";
import { controlPlaneEnvironment } from "./control-plane-environment.ts";

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { to: { type: "string" }, verify: { type: "string" } } });
  const folder = values.to ?? values.verify;
  if (folder === undefined) throw new BackupProblem("Say --to FOLDER, or --verify FOLDER.");
  if (values.to !== undefined) {
    if (existsSync(folder)) throw new BackupProblem(`${folder} is there already.`);
    const settings = readControlPlaneSettings(controlPlaneEnvironment());
    const { databaseUrl, dataDirectory } = settings;
    await writeBackup({ databaseUrl, dataDirectory, artifacts: await openArtifactStore(settings), slipwayVersion: SLIPWAY_VERSION }, folder, new Date());
  }
  const { tables, artifacts, keys, audit, takenAt } = await verifyBackup(folder);
  const rows = tables.reduce((sum, table) => sum + table.rows, 0);
  console.log(`${folder}: ${rows} rows in ${tables.length} tables, ${artifacts.length} artifacts, ${keys.length} keys, ${audit.entries} audit entries, taken ${takenAt}. Every file is as it was written.`);
}

main().catch((error: unknown) => {
  const isUse = error instanceof TypeError && "code" in error;
  console.error(error instanceof BackupProblem || error instanceof SettingsError || isUse ? error.message : error);
  process.exitCode = isUse ? 2 : 1;
});
