/**
 * Restores a backup into an empty database and the files beside it.
 *
 *   node scripts/restore.ts --from /backups/2026-03-01 --data /var/lib/slipway
 *       with SLIPWAY_DATABASE_OWNER_URL and SLIPWAY_DATABASE_SUPERUSER_URL of an empty database; SLIPWAY_ARTIFACT_DIR or SLIPWAY_ARTIFACT_S3 when artifacts lie elsewhere
 *
 * Exit codes: 0 done, 1 failed, 2 wrong use, 4 done, but entries of the audit trail that were signed later are not in the backup.
 */
import path from "node:path";
import { parseArgs } from "node:util";
import { openArtifactStore } from "#lib/server/artifacts/open-artifact-store.ts";
import { readArtifactPlace, SettingsError } from "#lib/server/env.ts";
import { BackupProblem } from "./backup/manifest.ts";
import { restoreBackup } from "./backup/restore-backup.ts";
import { APP_ROLE } from "./postgres/roles.ts";

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { from: { type: "string" }, data: { type: "string" } } });
  const [ownerUrl, superuserUrl] = [process.env["SLIPWAY_DATABASE_OWNER_URL"], process.env["SLIPWAY_DATABASE_SUPERUSER_URL"]];
  if (values.from === undefined || values.data === undefined || !ownerUrl || !superuserUrl) {
    throw new BackupProblem("Say --from FOLDER and --data DIRECTORY, and set SLIPWAY_DATABASE_OWNER_URL and SLIPWAY_DATABASE_SUPERUSER_URL.");
  }
  const dataDirectory = path.resolve(values.data);
  const artifacts = await openArtifactStore(readArtifactPlace(process.env, dataDirectory));
  const appRole = process.env["DATABASE_URL"] ? new URL(process.env["DATABASE_URL"]).username : APP_ROLE;
  const { manifest, lostEntries } = await restoreBackup(values.from, { ownerUrl, superuserUrl, appRole, dataDirectory, artifacts });
  console.log(`Restored what was taken ${manifest.takenAt}: ${manifest.audit.entries} audit entries, ${manifest.artifacts.length} artifacts.`);
  if (lostEntries === null || lostEntries === 0) return;
  console.error(`${lostEntries} signed entries of the audit trail are not in this backup. The control plane will not be ready until a later backup is restored; see docs/audit.md, section 8.`);
  process.exitCode = 4;
}

main().catch((error: unknown) => {
  const isUse = error instanceof TypeError && "code" in error;
  console.error(error instanceof BackupProblem || error instanceof SettingsError || isUse ? error.message : error);
  process.exitCode = isUse ? 2 : 1;
});
