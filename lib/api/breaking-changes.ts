import { z } from "zod";

/** What in a newer OpenAPI document would break a program that was written for an older one. Views are no promise and are left out. */

type Json = { readonly [key: string]: unknown };
const record = z.record(z.string(), z.unknown());
const asRecord = (value: unknown): Json => record.safeParse(value).data ?? {};
const list = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

const METHODS = ["get", "post", "put", "patch", "delete"] as const;
const isPromise = (path: string): boolean => !path.startsWith("/api/v1/views/");

const jsonSchema = (holder: unknown): Json => asRecord(asRecord(asRecord(asRecord(holder)["content"])["application/json"])["schema"]);
const alternatives = (schema: Json): readonly Json[] => {
  const choices = [...list(schema["anyOf"]), ...list(schema["oneOf"])].map(asRecord);
  return choices.length === 0 ? [schema] : choices.flatMap(alternatives);
};
const typesOf = (schema: Json): Set<string> =>
  new Set(alternatives(schema).flatMap((one) => ("const" in one ? [JSON.stringify(one["const"])] : Array.isArray(one["enum"]) ? one["enum"].map((value) => JSON.stringify(value)) : [list(one["type"]).length > 0 ? list(one["type"]).join("|") : String(one["type"] ?? "any")])));
const objectOf = (schema: Json): Json => alternatives(schema).find((one) => "properties" in one) ?? {};

/** Requests: what was accepted must be accepted. */
function requestProblems(before: Json, after: Json, at: string): string[] {
  const [old, next] = [objectOf(before), objectOf(after)];
  const needed = new Set(list(old["required"]).map(String));
  const added = list(next["required"]).map(String).filter((name) => !needed.has(name));
  const problems = added.map((name) => `${at}: ${name} is needed now`);
  const members = asRecord(next["properties"]);
  for (const [name, schema] of Object.entries(asRecord(old["properties"]))) {
    if (!(name in members)) problems.push(`${at}: ${name} is not taken any more`);
    else problems.push(...narrowed(asRecord(schema), asRecord(members[name]), `${at}.${name}`), ...requestProblems(asRecord(schema), asRecord(members[name]), `${at}.${name}`));
  }
  return problems;
}

function narrowed(before: Json, after: Json, at: string): string[] {
  const now = typesOf(after);
  return now.has("any") ? [] : [...typesOf(before)].filter((type) => !now.has(type) && !(type.startsWith('"') && now.has("string"))).map((type) => `${at}: ${type} is not accepted any more`);
}

/** Answers: what was there must be there, of the same type. */
function answerProblems(before: Json, after: Json, at: string): string[] {
  const problems: string[] = [];
  const [old, next] = [objectOf(before), objectOf(after)];
  const members = asRecord(next["properties"]);
  const promised = new Set(list(next["required"]).map(String));
  for (const [name, raw] of Object.entries(asRecord(old["properties"]))) {
    const place = `${at}.${name}`;
    if (!(name in members)) {
      problems.push(`${place}: is gone`);
      continue;
    }
    if (list(old["required"]).includes(name) && !promised.has(name)) problems.push(`${place}: may be missing now`);
    const [one, two] = [asRecord(raw), asRecord(members[name])];
    const known = typesOf(one);
    if (!known.has("any") && !known.has("string")) {
      for (const type of typesOf(two)) if (!known.has(type) && !type.startsWith('"')) problems.push(`${place}: can be ${type} now`);
    }
    problems.push(...answerProblems(one, two, place), ...answerProblems(asRecord(one["items"]), asRecord(two["items"]), `${place}[]`));
  }
  return problems;
}

function operationProblems(before: Json, after: Json, at: string): string[] {
  const problems: string[] = [];
  const parameters = (operation: Json): readonly Json[] => list(operation["parameters"]).map(asRecord);
  const known = (operation: Json, one: Json): Json | undefined => parameters(operation).find((other) => other["name"] === one["name"] && other["in"] === one["in"]);
  for (const one of parameters(after)) if (one["required"] === true && known(before, one)?.["required"] !== true) problems.push(`${at}: ${String(one["name"])} is needed now`);
  for (const one of parameters(before)) if (known(after, one) === undefined) problems.push(`${at}: ${String(one["name"])} is not taken any more`);
  problems.push(...requestProblems(jsonSchema(before["requestBody"]), jsonSchema(after["requestBody"]), `${at} body`));
  for (const [status, answer] of Object.entries(asRecord(before["responses"]))) {
    const now = asRecord(after["responses"])[status];
    if (now === undefined) problems.push(`${at}: does not answer ${status} any more`);
    else problems.push(...answerProblems(jsonSchema(answer), jsonSchema(now), `${at} ${status}`));
  }
  return problems;
}

/** One line for each thing that would break a program; none when the newer document keeps every promise of the older. */
export function breakingChanges(before: Json, after: Json): string[] {
  const now = asRecord(after["paths"]);
  return Object.entries(asRecord(before["paths"])).filter(([path]) => isPromise(path)).flatMap(([path, raw]) =>
    METHODS.filter((method) => method in asRecord(raw)).flatMap((method) => {
      const at = `${method.toUpperCase()} ${path}`;
      const next = asRecord(now[path])[method];
      return next === undefined ? [`${at}: is gone`] : operationProblems(asRecord(asRecord(raw)[method]), asRecord(next), at);
    }),
  );
}

/** The part of a document that is a promise, as it is kept in docs/openapi.released.json. */
export const promisedPart = (document: Json): Json => ({
  ...document,
  paths: Object.fromEntries(Object.entries(asRecord(document["paths"])).filter(([path]) => isPromise(path))),
});
