import { z } from "zod";
import { createEvaluationBody } from "#lib/contracts/evaluation.ts";
import { operation } from "#lib/contracts/operation.ts";
import { slug, versionName } from "#lib/contracts/registry-api.ts";
import { evaluationListView, evaluationView } from "#lib/contracts/views/evaluation-view.ts";
import { uploadBatchInput } from "./batch-operations.ts";

/** Evaluation of versions on held-out rows, run by Slipway. */

const none = z.strictObject({});
const oneVersion = z.strictObject({ model: slug, version: versionName });
const numbered = z.strictObject({ number: z.coerce.number().int().positive() });

export const uploadEvaluationData = operation({
  name: "uploadEvaluationData",
  method: "POST",
  path: "/api/v1/evaluations/data",
  summary: "Upload rows with their true values (CSV, JSON Lines or Parquet) as the body; the name's ending says which",
  permission: "version:evaluate",
  params: none,
  query: uploadBatchInput.query,
  body: "stream",
  response: uploadBatchInput.response,
  status: 201,
  maxBodyBytes: 1024 ** 3,
});

export const createEvaluation = operation({
  name: "createEvaluation",
  method: "POST",
  path: "/api/v1/models/{model}/versions/{version}/evaluations",
  summary: "Run a version over held-out rows in a runtime's sandbox and measure it against limits agreed on now",
  permission: "version:evaluate",
  params: oneVersion,
  query: none,
  body: createEvaluationBody,
  response: z.object({ id: z.string(), number: z.number().int(), rows: z.number().int() }),
  status: 201,
});

export const listEvaluations = operation({
  name: "listEvaluations",
  method: "GET",
  path: "/api/v1/models/{model}/versions/{version}/evaluations",
  summary: "Evaluations of a version, newest first",
  permission: "version:read",
  params: oneVersion,
  query: none,
  body: null,
  response: evaluationListView,
  status: 200,
});

export const getEvaluation = operation({
  name: "getEvaluation",
  method: "GET",
  path: "/api/v1/evaluations/{number}",
  summary: "An evaluation with its progress, figures with their intervals, slices and overlap",
  permission: "version:read",
  params: numbered,
  query: none,
  body: null,
  response: evaluationView,
  status: 200,
});

export const cancelEvaluation = operation({
  name: "cancelEvaluation",
  method: "POST",
  path: "/api/v1/evaluations/{number}/cancel",
  summary: "End an evaluation before it is through",
  permission: "version:evaluate",
  params: numbered,
  query: none,
  body: z.strictObject({ reason: z.string().trim().max(2000).nullable().default(null) }),
  response: z.object({ number: z.number().int(), state: z.string() }),
  status: 200,
});
