/**
 * Changes the key that signs the audit trail, on the host, with access to the data directory and while the database is up:
 *
 *   node scripts/rotate-audit-key.ts --reason "Yearly change."
 *
 * Prints both verifier keys and the checkpoint that both signed. Exit codes: 0 done, 1 failed, 2 wrong use.
 */
import { parseArgs } from "node:util";

import { AuditFault } from "#lib/server/audit/audit-fault.ts";
import { auditFiles } from "#lib/server/audit/audit-files.ts";
import { rotateSigningKey } from "#lib/server/audit/rotate-signing-key.ts";
import { createApp } from "#lib/server/composition.ts";
import { openDatabase } from "#lib/server/db/client.ts";
import { auditTransactions } from "#lib/server/db/prisma-audit-store.ts";
import { readControlPlaneSettings, SettingsError } from "#lib/server/env.ts";
import { controlPlaneEnvironment } from "./control-plane-environment.ts";

async function main(): Promise<number> {
  const { values } = parseArgs({ options: { reason: { type: "string" } } });
  const reason = values.reason?.trim() ?? "";
  if (reason === "") {
    console.error('Say why: node scripts/rotate-audit-key.ts --reason "..."');
    return 2;
  }
  const settings = readControlPlaneSettings(controlPlaneEnvironment());
  const app = createApp({ ...settings, logLevel: "warn" });
  const database = openDatabase({
    url: settings.databaseUrl,
    applicationName: "slipway-audit-key",
    maxConnections: 1,
    readOnly: false,
    onError: () => undefined,
  });
  try {
    const { before, after, checkpoint } = await rotateSigningKey({
      transact: auditTransactions(database),
      files: auditFiles(settings.dataDirectory),
      origin: `slipway.local/${(await app.install()).installId}`,
      actor: { type: "system", id: null, name: "Local operator", authMethod: null },
      reason,
    });
    console.log(
      `Old key     ${before}\nNew key     ${after}\nCheckpoint  at ${checkpoint.size} entries\n\n${checkpoint.note}`,
    );
    return 0;
  } finally {
    await database.$disconnect();
    await app.stop();
  }
}

main().then(
  (code) => {
    process.exitCode = code;
  },
  (error: unknown) => {
    if (error instanceof AuditFault) console.error(`${error.message}\n${error.hint}`);
    else console.error(error instanceof SettingsError ? error.message : error);
    process.exitCode = error instanceof TypeError && "code" in error ? 2 : 1;
  },
);
