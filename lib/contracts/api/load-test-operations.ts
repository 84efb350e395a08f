import { z } from "zod";
import { createLoadTestBody } from "#lib/contracts/load-test.ts";
import { operation } from "#lib/contracts/operation.ts";
import { slug } from "#lib/contracts/registry-api.ts";
import { loadTestListView, loadTestView } from "#lib/contracts/views/load-test-view.ts";

/** Load tests of endpoints of staging environments, carried out by a runtime. */

const none = z.strictObject({});
const ofEndpoint = z.strictObject({ endpoint: slug });
const numbered = z.strictObject({ number: z.coerce.number().int().positive() });
const MEBIBYTE = 1_048_576;

export const createLoadTest = operation({
  name: "createLoadTest",
  method: "POST",
  path: "/api/v1/endpoints/{endpoint}/load-tests",
  summary: "Have a runtime send an endpoint of a staging environment once, one and a half and two times its planned rate",
  permission: "endpoint:load_test",
  params: ofEndpoint,
  query: none,
  body: createLoadTestBody,
  response: z.object({ id: z.string(), number: z.number().int() }),
  status: 201,
  maxBodyBytes: 8 * MEBIBYTE,
});

export const listLoadTests = operation({
  name: "listLoadTests",
  method: "GET",
  path: "/api/v1/endpoints/{endpoint}/load-tests",
  summary: "Load tests of an endpoint, newest first",
  permission: "endpoint:read",
  params: ofEndpoint,
  query: none,
  body: null,
  response: loadTestListView,
  status: 200,
});

export const getLoadTest = operation({
  name: "getLoadTest",
  method: "GET",
  path: "/api/v1/load-tests/{number}",
  summary: "A load test with its progress, or its figures, limits and headroom",
  permission: "endpoint:read",
  params: numbered,
  query: none,
  body: null,
  response: loadTestView,
  status: 200,
});

export const cancelLoadTest = operation({
  name: "cancelLoadTest",
  method: "POST",
  path: "/api/v1/load-tests/{number}/cancel",
  summary: "End a load test before it is through",
  permission: "endpoint:load_test",
  params: numbered,
  query: none,
  body: z.strictObject({ reason: z.string().trim().max(2000).nullable().default(null) }),
  response: z.object({ number: z.number().int(), state: z.string() }),
  status: 200,
});
