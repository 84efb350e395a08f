import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";

import type * as Engine from "@prisma/schema-engine-wasm";

/** Prisma's schema engine as WebAssembly. The package imports its `.wasm` as a module, which Node does not do by itself. */
export async function loadSchemaEngine(): Promise<typeof Engine.SchemaEngine> {
  const require = createRequire(import.meta.url);
  const folder = dirname(require.resolve("@prisma/schema-engine-wasm"));
  const glue: unknown = await import(pathToFileURL(join(folder, "schema_engine_bg.js")).href);
  if (!isGlue(glue))
    throw new Error("@prisma/schema-engine-wasm has another shape than the pinned version.");
  const bytes = readFileSync(join(folder, "schema_engine_bg.wasm"));
  const { instance } = await WebAssembly.instantiate(bytes, { "./schema_engine_bg.js": glue });
  glue.__wbg_set_wasm(instance.exports);
  const start = instance.exports["__wbindgen_start"];
  if (typeof start === "function") start();
  return glue.SchemaEngine;
}

type Glue = WebAssembly.ModuleImports & {
  SchemaEngine: typeof Engine.SchemaEngine;
  __wbg_set_wasm: (exports: WebAssembly.Exports) => void;
};

function isGlue(value: unknown): value is Glue {
  return (
    typeof value === "object" &&
    value !== null &&
    "SchemaEngine" in value &&
    "__wbg_set_wasm" in value
  );
}
