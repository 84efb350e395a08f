import { z } from "zod";
import { apiExample, type ExampleNames } from "#lib/contracts/api/examples.ts";
import { openApiDocument } from "./openapi.ts";

/** The OpenAPI document as the pages under /docs/api show it: addresses by area, fields as rows, an example in the reader's own names. */

export type ReferenceField = { readonly path: string; readonly type: string; readonly required: boolean; readonly say: string };
export type ReferenceOperation = {
  readonly name: string;
  readonly method: string;
  readonly path: string;
  readonly summary: string;
  readonly permission: string;
  readonly status: string;
  readonly parameters: readonly (ReferenceField & { readonly place: string })[];
  readonly body: readonly ReferenceField[];
  readonly answer: readonly ReferenceField[];
  readonly example: string | null;
};
export type ReferenceArea = { readonly name: string; readonly operations: readonly ReferenceOperation[] };

type Schema = { readonly [key: string]: unknown };
const schema = z.record(z.string(), z.unknown());
const asSchema = (value: unknown): Schema => schema.safeParse(value).data ?? {};
const list = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);
const text = (value: unknown): string => (typeof value === "string" ? value : "");

function typeOf(given: Schema): string {
  const choices = [...list(given["anyOf"]), ...list(given["oneOf"])].map(asSchema);
  if (choices.length > 0) return [...new Set(choices.map(typeOf))].join(" or ");
  if (Array.isArray(given["enum"])) return given["enum"].map((value) => JSON.stringify(value)).join(", ");
  if ("const" in given) return JSON.stringify(given["const"]);
  if (given["type"] === "array") return `list of ${typeOf(asSchema(given["items"]))}`;
  if (Array.isArray(given["type"])) return given["type"].join(" or ");
  return text(given["format"]) || text(given["type"]) || "any";
}

const bounds = (given: Schema): string =>
  [
    text(given["description"]),
    typeof given["maxLength"] === "number" ? `at most ${given["maxLength"]} characters` : "",
    typeof given["maximum"] === "number" && given["maximum"] < Number.MAX_SAFE_INTEGER ? `at most ${given["maximum"]}` : "",
    "default" in given ? `default ${JSON.stringify(given["default"])}` : "",
  ].filter((part) => part !== "").join("; ");

const MAX_DEPTH = 3;

/** Members of an object, and of the objects in it, as rows. */
function fieldsOf(given: Schema, prefix = "", depth = 0): ReferenceField[] {
  const objects = [given, ...list(given["anyOf"]).map(asSchema), ...list(given["allOf"]).map(asSchema)];
  const required = new Set(objects.flatMap((one) => list(one["required"])).map(String));
  const members = objects.flatMap((one) => Object.entries(asSchema(one["properties"])));
  return members.flatMap(([name, raw]) => {
    const member = asSchema(raw);
    const path = `${prefix}${name}`;
    const row: ReferenceField = { path, type: typeOf(member), required: required.has(name), say: bounds(member) };
    if (depth >= MAX_DEPTH - 1) return [row];
    const inner = member["type"] === "array" ? fieldsOf(asSchema(member["items"]), `${path}[].`, depth + 1) : fieldsOf(member, `${path}.`, depth + 1);
    return [row, ...inner];
  });
}

const jsonBody = (holder: unknown): Schema => asSchema(asSchema(asSchema(asSchema(holder)["content"])["application/json"])["schema"]);

function operationOf(path: string, method: string, given: Schema, names: ExampleNames): ReferenceOperation {
  const responses = asSchema(given["responses"]);
  const status = Object.keys(responses).find((code) => code !== "default") ?? "";
  return {
    name: text(given["operationId"]),
    method: method.toUpperCase(),
    path,
    summary: text(given["summary"]),
    permission: text(given["x-permission"]),
    status,
    parameters: list(given["parameters"]).map(asSchema).map((parameter) => ({
      path: text(parameter["name"]),
      place: text(parameter["in"]),
      type: typeOf(asSchema(parameter["schema"])),
      required: parameter["required"] === true,
      say: text(parameter["description"]) || bounds(asSchema(parameter["schema"])),
    })),
    body: fieldsOf(jsonBody(given["requestBody"])),
    answer: fieldsOf(jsonBody(responses[status])),
    example: apiExample(text(given["operationId"]), names),
  };
}

/** Every area with its operations, in the order of the document. */
export function apiReference(version: string, names: ExampleNames): ReferenceArea[] {
  const document = openApiDocument(version);
  const areas = new Map<string, ReferenceOperation[]>();
  for (const [path, methods] of Object.entries(asSchema(document["paths"]))) {
    for (const [method, raw] of Object.entries(asSchema(methods))) {
      const given = asSchema(raw);
      const area = String(list(given["tags"])[0] ?? "Other");
      areas.set(area, [...(areas.get(area) ?? []), operationOf(path, method, given, names)]);
    }
  }
  return [...areas].map(([name, operations]) => ({ name, operations }));
}
