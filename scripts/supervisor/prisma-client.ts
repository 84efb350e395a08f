import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { unlock, waitForLock } from "../bootstrap/lock-file.mjs";

const GENERATED = join("lib", "server", "db", "generated");

/** Generates the Prisma client when the schema or Prisma's version is another than that of the client at hand. True when it did. */
export async function ensurePrismaClient(
  root: string,
  generate: () => Promise<void>,
): Promise<boolean> {
  if (isCurrent(root)) return false;
  const lock = join(root, "node_modules", ".slipway-generate.lock");
  await waitForLock(lock);
  try {
    if (isCurrent(root)) return false;
    await generate();
    writeFileSync(stampFile(root), wanted(root));
    return true;
  } finally {
    unlock(lock);
  }
}

function stampFile(root: string): string {
  return join(root, GENERATED, ".schema-hash");
}

function wanted(root: string): string {
  const hash = createHash("sha256");
  const schema = join(root, "prisma", "schema");
  for (const name of readdirSync(schema).sort()) hash.update(readFileSync(join(schema, name)));
  return hash
    .update(readFileSync(join(root, "node_modules", "prisma", "package.json")))
    .digest("hex");
}

function isCurrent(root: string): boolean {
  const stamp = stampFile(root);
  return (
    existsSync(join(root, GENERATED, "client.ts")) &&
    existsSync(stamp) &&
    readFileSync(stamp, "utf8") === wanted(root)
  );
}
