import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { breakingChanges, promisedPart } from "./breaking-changes.ts";
import { openApiDocument } from "./openapi.ts";

const now = (): Record<string, unknown> => JSON.parse(JSON.stringify(openApiDocument("0.1.0"))) as Record<string, unknown>;

test("the API keeps every promise of the last released document (npm run openapi writes it anew, at a release)", () => {
  const released = JSON.parse(readFileSync("docs/openapi.released.json", "utf8")) as Record<string, unknown>;
  expect(Object.keys(released["paths"] as object).length).toBeGreaterThan(20);
  expect(breakingChanges(released, now())).toEqual([]);
});

// eslint-disable-next-line @typescript-eslint/no-explicit-any
type Loose = any;

describe("a change is found", () => {
  const changed = (change: (document: Loose) => void): string[] => {
    const document: Loose = now();
    change(document);
    return breakingChanges(promisedPart(now()), document);
  };
  test.each<[string, (document: Loose) => void, RegExp]>([
    ["an address that is gone", (d) => delete d.paths["/api/v1/models"], /GET \/api\/v1\/models: is gone/],
    ["a method that is gone", (d) => delete d.paths["/api/v1/models"].post, /POST \/api\/v1\/models: is gone/],
    ["another status", (d) => { const { responses } = d.paths["/api/v1/models"].post; responses[200] = responses[201]; delete responses[201]; }, /does not answer 201/],
    ["a field of the request that is needed now", (d) => d.paths["/api/v1/models"].post.requestBody.content["application/json"].schema.required.push("sector"), /sector is needed now/],
    ["a field of the request that is not taken", (d) => delete d.paths["/api/v1/models"].post.requestBody.content["application/json"].schema.properties.sector, /sector is not taken/],
    ["a word that is not accepted", (d) => d.paths["/api/v1/models"].post.requestBody.content["application/json"].schema.properties.riskTier.enum.pop(), /"high" is not accepted/],
    ["a field of the answer that is gone", (d) => delete d.paths["/api/v1/models"].post.responses[201].content["application/json"].schema.properties.name, /name: is gone/],
    ["a field of the answer that may be missing", (d) => d.paths["/api/v1/models"].post.responses[201].content["application/json"].schema.required.pop(), /may be missing now/],
    ["another type of the answer", (d) => (d.paths["/api/v1/endpoints"].post.responses[201].content["application/json"].schema.properties.epoch = { type: "string" }), /can be string now/],
    ["a parameter that is needed", (d) => d.paths["/api/v1/models"].get.parameters.push({ name: "page", in: "query", required: true }), /page is needed now/],
  ])("%s", (_name, change, message) => expect(changed(change).join("\n")).toMatch(message));

  test("and what only adds is none", () => {
    expect(changed((d) => {
      d.paths["/api/v1/new"] = {};
      d.paths["/api/v1/models"].post.responses[201].content["application/json"].schema.properties.more = { type: "string" };
      d.paths["/api/v1/models"].post.requestBody.content["application/json"].schema.properties.more = { type: "string" };
      delete d.paths["/api/v1/views/inbox"];
    })).toEqual([]);
  });
});
