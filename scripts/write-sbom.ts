/**
 * The bill of materials of Slipway itself, CycloneDX 1.6, from the lock file: what a build of this commit consists of.
 *
 *   node scripts/write-sbom.ts [--dev] > sbom.cdx.json
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { bomOfLockFile } from "./packaging/bom-of-lock-file.ts";

const root = join(import.meta.dirname, "..");
const lock: unknown = JSON.parse(readFileSync(join(root, "package-lock.json"), "utf8"));
process.stdout.write(`${JSON.stringify(bomOfLockFile(lock, { withDevelopment: process.argv.includes("--dev") }), null, 1)}\n`);
