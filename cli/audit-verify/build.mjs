// Builds the offline audit verifier: one plain file that needs nothing but Node (20.12 or newer).
// `node cli/audit-verify/build.mjs` writes public/slipway-audit-verify.mjs; a test keeps that file up to date.
import { writeFile } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { rolldown } from "rolldown";

const ROOT = path.resolve(import.meta.dirname, "../..");
export const TARGET = path.join(ROOT, "public/slipway-audit-verify.mjs");

const BANNER = `#!/usr/bin/env node
// Slipway audit verifier: checks an exported audit trail against a key you hold. One file, no network, no dependencies.
//   node slipway-audit-verify.mjs BUNDLE --key KEY [--since CHECKPOINT] [--json]
// Built from cli/audit-verify and lib/domain/audit of Slipway; not minified, so that you can read it. Licence: Apache-2.0.`;

/** The text of the verifier. */
export async function buildVerifier() {
  const bundle = await rolldown({
    input: path.join(import.meta.dirname, "main.ts"),
    cwd: ROOT,
    platform: "node",
    external: /^node:/,
  });
  try {
    const { output } = await bundle.generate({
      format: "esm",
      minify: false,
      comments: true,
      banner: BANNER,
    });
    return output[0].code;
  } finally {
    await bundle.close();
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await writeFile(TARGET, await buildVerifier());
  console.log(`Wrote ${path.relative(process.cwd(), TARGET)}`);
}
