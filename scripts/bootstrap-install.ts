/**
 * Sets this installation up, or finds it set up: `node scripts/bootstrap-install.ts [--empty]`. Run after the migrations with the control plane's
 * environment. The last line of standard output is the address to open.
 */
import path from "node:path";
import { parseArgs } from "node:util";

import { createApp } from "#lib/server/composition.ts";
import { readControlPlaneSettings } from "#lib/server/env.ts";
import { bootstrapInstall } from "#lib/server/install/bootstrap-install.ts";

const { values } = parseArgs({ options: { empty: { type: "boolean", default: false } } });
const settings = readControlPlaneSettings(process.env);
const app = createApp({ ...settings, logLevel: "warn" });
try {
  const address = await bootstrapInstall({
    store: app.store,
    trail: app.trail,
    publicUrl: settings.publicUrl,
    demo: !values.empty && app.onThisMachineOnly,
    onThisMachineOnly: app.onThisMachineOnly,
    installId: settings.installId,
    runtimeTokenFile:
      process.env["SLIPWAY_RUNTIME_TOKEN_FILE"] ??
      path.join(settings.dataDirectory, "secrets", "runtime-token"),
  });
  console.log(address);
} finally {
  await app.stop();
}
