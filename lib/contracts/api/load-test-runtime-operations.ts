import { z } from "zod";
import { leaseLoadTestResponse, loadTestResult, loadTestTick } from "#lib/contracts/load-test.ts";
import { operation } from "#lib/contracts/operation.ts";

/** Load tests between control plane and runtimes. */

const none = z.strictObject({});
const one = z.strictObject({ loadTestId: z.uuid() });

export const leaseLoadTest = operation({
  name: "leaseLoadTest",
  method: "POST",
  path: "/api/runtime/v1/load-tests/lease",
  summary: "The next load test for this runtime, or none",
  permission: "runtime:serve",
  params: none,
  query: none,
  body: z.strictObject({ bootId: z.uuid() }),
  response: leaseLoadTestResponse,
  status: 200,
});

export const tickLoadTest = operation({
  name: "tickLoadTest",
  method: "POST",
  path: "/api/runtime/v1/load-tests/{loadTestId}/tick",
  summary: "Renew the lease of a load test and tell progress",
  permission: "runtime:serve",
  params: one,
  query: none,
  body: loadTestTick,
  response: z.object({ goOn: z.boolean() }),
  status: 200,
});

export const postLoadTestResult = operation({
  name: "postLoadTestResult",
  method: "POST",
  path: "/api/runtime/v1/load-tests/{loadTestId}/result",
  summary: "What came of a load test",
  permission: "runtime:serve",
  params: one,
  query: none,
  body: loadTestResult,
  response: z.object({ accepted: z.boolean() }),
  status: 200,
});
