import { z } from "zod";
import { operation } from "#lib/contracts/operation.ts";
import {
  desiredState,
  jobResult,
  leaseJobResponse,
  postWindowsRequest,
  registerRuntimeRequest,
  registerRuntimeResponse,
  runtimeAcks,
} from "#lib/contracts/runtime-protocol.ts";

/** The line between control plane and runtimes. Versioned with the runtime, not meant for other programs. */

const none = z.strictObject({});
const MEBIBYTE = 1_048_576;

export const registerRuntime = operation({
  name: "registerRuntime",
  method: "POST",
  path: "/api/runtime/v1/register",
  summary: "A runtime says who it is, at each of its starts",
  permission: "runtime:serve",
  params: none,
  query: none,
  body: registerRuntimeRequest,
  response: registerRuntimeResponse,
  status: 200,
});

export const getDesiredState = operation({
  name: "getDesiredState",
  method: "GET",
  path: "/api/runtime/v1/state",
  summary: "The desired state, as soon as it is newer than the one the runtime has",
  permission: "runtime:serve",
  params: none,
  query: z.strictObject({
    bootId: z.uuid(),
    revision: z.coerce.number().int().min(-1).default(-1),
    waitSeconds: z.coerce.number().int().min(0).max(50).default(25),
  }),
  body: null,
  response: desiredState,
  status: 200,
});

export const postAcks = operation({
  name: "postAcks",
  method: "POST",
  path: "/api/runtime/v1/acks",
  summary: "What is true on a runtime now",
  permission: "runtime:serve",
  params: none,
  query: none,
  body: runtimeAcks,
  response: null,
  status: 204,
  maxBodyBytes: 4 * MEBIBYTE,
});

export const postWindows = operation({
  name: "postWindows",
  method: "POST",
  path: "/api/runtime/v1/windows",
  summary: "Cumulative counts per arm and interval",
  permission: "runtime:serve",
  params: none,
  query: none,
  body: postWindowsRequest,
  response: z.object({ accepted: z.number().int(), ignored: z.number().int() }),
  status: 200,
  maxBodyBytes: 16 * MEBIBYTE,
});

export const leaseJob = operation({
  name: "leaseJob",
  method: "POST",
  path: "/api/runtime/v1/jobs/lease",
  summary: "The next job for this runtime, or none",
  permission: "runtime:serve",
  params: none,
  query: none,
  body: z.strictObject({ bootId: z.uuid() }),
  response: leaseJobResponse,
  status: 200,
});

export const postJobResult = operation({
  name: "postJobResult",
  method: "POST",
  path: "/api/runtime/v1/jobs/{jobId}/result",
  summary: "How a job ended",
  permission: "runtime:serve",
  params: z.strictObject({ jobId: z.uuid() }),
  query: none,
  body: jobResult,
  response: z.object({ accepted: z.boolean() }),
  status: 200,
  maxBodyBytes: 16 * MEBIBYTE,
});

export const getArtifact = operation({
  name: "getArtifact",
  method: "GET",
  path: "/api/runtime/v1/artifacts/{digest}",
  summary: "The bytes of an artifact by digest; ranges are answered",
  permission: "runtime:serve",
  params: z.strictObject({ digest: z.string().regex(/^sha256:[0-9a-f]{64}$/) }),
  query: none,
  body: null,
  response: null,
  status: 200,
  responseType: "application/octet-stream",
});
