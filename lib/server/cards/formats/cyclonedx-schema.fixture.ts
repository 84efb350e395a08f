import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { Ajv } from "ajv";
import addFormats from "ajv-formats";

/** The official JSON schema of CycloneDX 1.6, from the package that carries it: answers what is wrong, empty when nothing is. */
export function cycloneDxProblems(): (bom: unknown) => readonly string[] {
  const directory = join(dirname(createRequire(import.meta.url).resolve("@cyclonedx/cyclonedx-library/package.json")), "res", "schema");
  const schema = (name: string) => JSON.parse(readFileSync(join(directory, name), "utf8")) as Record<string, unknown>;
  const ajv = new Ajv({ strict: false, validateFormats: true, allErrors: true });
  addFormats.default(ajv);
  ajv.addFormat("idn-email", true).addFormat("iri-reference", true);
  for (const name of ["spdx.SNAPSHOT.schema.json", "jsf-0.82.SNAPSHOT.schema.json"]) ajv.addSchema({ ...schema(name), $id: `http://cyclonedx.org/schema/${name}` });
  const validate = ajv.compile(schema("bom-1.6.SNAPSHOT.schema.json"));
  return (bom) => (validate(JSON.parse(JSON.stringify(bom))) ? [] : (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message ?? ""}`));
}
