import { z } from "zod";
import { operationsByArea } from "#lib/contracts/api/operations.ts";
import type { Operation } from "#lib/contracts/operation.ts";
import { problemDocument } from "./problem.ts";

type Json = Record<string, unknown>;

const schemaOf = (schema: z.ZodType, io: "input" | "output"): Json => {
  // The dialect is said once for the whole document.
  const { $schema: _dialect, ...rest } = z.toJSONSchema(schema, { io, target: "draft-2020-12", unrepresentable: "any" });
  return rest;
};

const parametersOf = (schema: z.ZodObject, place: "path" | "query"): readonly Json[] =>
  Object.entries(schema.shape).map(([name, member]) => ({
    name,
    in: place,
    required: place === "path" || !z.safeParse(member, undefined).success,
    schema: schemaOf(z.instanceof(z.ZodType).parse(member), "input"),
  }));

function describe(operation: Operation, area: string): Json {
  const { name, method, summary, permission, params, query, body, response, responseType, status } = operation;
  const header = (title: string, required: boolean, description: string): Json => ({
    name: title,
    in: "header",
    required,
    description,
    schema: { type: "string" },
  });
  return {
    operationId: name,
    summary,
    tags: [area],
    "x-permission": permission,
    parameters: [
      ...parametersOf(params, "path"),
      ...parametersOf(query, "query"),
      ...(method === "POST" ? [header("Idempotency-Key", false, "Same key, same request: the same answer, done once. Kept 24 hours.")] : []),
      ...(operation.requiresIfMatch === true ? [header("If-Match", true, "The ETag of the state that was decided from.")] : []),
    ],
    ...(body === null ? {} : { requestBody: bodyOf(body) }),
    responses: {
      [status]: {
        description: "Done.",
        ...(response === null
          ? responseType === undefined
            ? {}
            : { content: { [responseType]: {} } }
          : { content: { "application/json": { schema: schemaOf(response, "output") } } }),
      },
      default: {
        description: "Refused or failed.",
        content: { "application/problem+json": { schema: { $ref: "#/components/schemas/Problem" } } },
      },
    },
    security: permission === "anyone" ? [] : [{ token: [] }, { session: [] }],
  };
}

const bodyOf = (body: z.ZodType | "stream"): Json =>
  body === "stream"
    ? { required: true, content: { "multipart/form-data": {} } }
    : {
        required: !body.safeParse({}).success,
        content: { "application/json": { schema: schemaOf(body, "input") } },
      };

/** The OpenAPI 3.1 document of everything under `/api/v1`, made from the schemas that the handlers enforce. */
export function openApiDocument(version: string): Json & { readonly openapi: string } {
  const paths: Record<string, Json> = {};
  for (const [area, operations] of Object.entries(operationsByArea)) {
    for (const operation of operations) {
      if (!operation.path.startsWith("/api/v1/")) continue;
      paths[operation.path] = { ...paths[operation.path], [operation.method.toLowerCase()]: describe(operation, area) };
    }
  }
  return {
    openapi: "3.1.0",
    info: {
      title: "Slipway",
      version,
      description:
        "Takes a trained model to production and keeps it there under control. Errors are RFC 9457 problem documents; times are RFC 3339 in UTC; unknown fields are refused.",
    },
    servers: [{ url: "/" }],
    tags: Object.keys(operationsByArea).map((name) => ({ name })),
    paths,
    components: {
      schemas: { Problem: schemaOf(problemDocument, "output") },
      securitySchemes: {
        token: { type: "http", scheme: "bearer", bearerFormat: "slp_" },
        session: { type: "apiKey", in: "cookie", name: "slipway", description: "The browser's session. Changes must come from our own pages." },
      },
    },
  };
}
