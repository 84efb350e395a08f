import { z } from "zod";
import { batchResult, batchTick, batchTickResponse, leaseBatchResponse } from "#lib/contracts/batch.ts";
import { operation } from "#lib/contracts/operation.ts";

/** Batch work between control plane and runtimes. */

const none = z.strictObject({});
const partition = z.strictObject({ jobId: z.uuid(), index: z.coerce.number().int().nonnegative() });
const MEBIBYTE = 1_048_576;

export const leaseBatch = operation({
  name: "leaseBatch",
  method: "POST",
  path: "/api/runtime/v1/batch/lease",
  summary: "The next part of a batch job for this runtime, or none",
  permission: "runtime:serve",
  params: none,
  query: none,
  body: z.strictObject({ bootId: z.uuid() }),
  response: leaseBatchResponse,
  status: 200,
});

export const tickBatch = operation({
  name: "tickBatch",
  method: "POST",
  path: "/api/runtime/v1/batch/{jobId}/{index}/tick",
  summary: "Renew a lease and tell progress",
  permission: "runtime:serve",
  params: partition,
  query: none,
  body: batchTick,
  response: batchTickResponse,
  status: 200,
});

export const postBatchPart = operation({
  name: "postBatchPart",
  method: "POST",
  path: "/api/runtime/v1/batch/parts",
  summary: "Part of an output, as the body",
  permission: "runtime:serve",
  params: none,
  query: none,
  body: "stream",
  response: z.object({ digest: z.string(), sizeBytes: z.number() }),
  status: 201,
  maxBodyBytes: 4096 * MEBIBYTE,
});

export const postBatchResult = operation({
  name: "postBatchResult",
  method: "POST",
  path: "/api/runtime/v1/batch/{jobId}/{index}/result",
  summary: "What became of a part of a batch job",
  permission: "runtime:serve",
  params: partition,
  query: none,
  body: batchResult,
  response: z.object({ accepted: z.boolean() }),
  status: 200,
  maxBodyBytes: 4 * MEBIBYTE,
});
