/**
 * Keeps the OpenAPI document of a release in docs/openapi.released.json, which later versions are compared with.
 *
 *   npm run openapi
 */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisedPart } from "#lib/api/breaking-changes.ts";
import { openApiDocument } from "#lib/api/openapi.ts";

const root = join(import.meta.dirname, "..");
const { version } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as { version: string };
writeFileSync(join(root, "docs", "openapi.released.json"), `${JSON.stringify(promisedPart(openApiDocument(version)), null, 1)}\n`);
