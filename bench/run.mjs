// `npm run bench`: the same Node as the product's, then bench/main.ts.
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

import { ensureDependencies } from "../scripts/bootstrap/dependencies.mjs";
import { runUnderPinnedNode } from "../scripts/bootstrap/node-runtime.mjs";

const root = resolve(dirname(fileURLToPath(import.meta.url)), "..");

try {
  await ensureDependencies(root, (text) => process.stderr.write(`  ${text}\n`));
  await runUnderPinnedNode(root, join(root, "bench", "main.ts"));
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : error}\n`);
  process.exitCode = 1;
}
