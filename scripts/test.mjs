// `npm test`: brings up dependencies and the right Node with nothing but Node's built-ins, then hands over to scripts/testing/main.ts.
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

import { ensureDependencies } from "./bootstrap/dependencies.mjs";
import { runUnderPinnedNode } from "./bootstrap/node-runtime.mjs";

const root = resolve(dirname(fileURLToPath(import.meta.url)), "..");

try {
  await ensureDependencies(root, (text) => process.stdout.write(`  ${text}\n`));
  await runUnderPinnedNode(root, join(root, "scripts", "testing", "main.ts"));
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : error}\n`);
  process.stdout.write("0 passed, 1 failed\n");
  process.exitCode = 1;
}
