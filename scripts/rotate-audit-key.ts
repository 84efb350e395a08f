/**
 * Changes the key that signs the audit trail: `node scripts/rotate-audit-key.ts --reason "..."`. For the host, with access to the
 * data directory; the embedded database must be up. Restart the control plane afterwards: it holds its key in memory. Prints the new verifier key, which every reader of the trail must get.
 */
import { parseArgs } from "node:util";

import { auditFiles } from "#lib/server/audit/audit-files.ts";
import { rotateSigningKey } from "#lib/server/audit/rotate-signing-key.ts";
import { openDatabase } from "#lib/server/db/client.ts";
import { auditTransactions } from "#lib/server/db/prisma-audit-store.ts";
import { createApp } from "#lib/server/composition.ts";
import { readControlPlaneSettings } from "#lib/server/env.ts";
import { controlPlaneEnvironment } from "./control-plane-environment.ts";

const { values } = parseArgs({ options: { reason: { type: "string" } } });
if (values.reason === undefined || values.reason.trim() === "") {
  console.error('Say why: node scripts/rotate-audit-key.ts --reason "..."');
  process.exit(2);
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
    actor: { type: "system", id: null, name: "operator at the terminal", authMethod: null },
    reason: values.reason,
  });
  console.log(
    `Old key   ${before}\nNew key   ${after}\nCheckpoint at ${checkpoint.size} entries:\n${checkpoint.note}`,
  );
} finally {
  await database.$disconnect();
  await app.stop();
}
