import { z } from "zod";
import { batchTickResponse } from "#lib/contracts/batch.ts";
import { evaluationResult, evaluationTick, leaseEvaluationResponse } from "#lib/contracts/evaluation.ts";
import { operation } from "#lib/contracts/operation.ts";

/** Evaluations between control plane and runtimes. */

const none = z.strictObject({});
const one = z.strictObject({ evaluationId: z.uuid() });
const MEBIBYTE = 1_048_576;

export const leaseEvaluation = operation({
  name: "leaseEvaluation",
  method: "POST",
  path: "/api/runtime/v1/evaluations/lease",
  summary: "The next evaluation for this runtime, or none",
  permission: "runtime:serve",
  params: none,
  query: none,
  body: z.strictObject({ bootId: z.uuid() }),
  response: leaseEvaluationResponse,
  status: 200,
});

export const tickEvaluation = operation({
  name: "tickEvaluation",
  method: "POST",
  path: "/api/runtime/v1/evaluations/{evaluationId}/tick",
  summary: "Renew the lease of an evaluation and tell progress",
  permission: "runtime:serve",
  params: one,
  query: none,
  body: evaluationTick,
  response: batchTickResponse,
  status: 200,
});

export const postEvaluationResult = operation({
  name: "postEvaluationResult",
  method: "POST",
  path: "/api/runtime/v1/evaluations/{evaluationId}/result",
  summary: "What came of an evaluation",
  permission: "runtime:serve",
  params: one,
  query: none,
  body: evaluationResult,
  response: z.object({ accepted: z.boolean() }),
  status: 200,
  maxBodyBytes: 2 * MEBIBYTE,
});
