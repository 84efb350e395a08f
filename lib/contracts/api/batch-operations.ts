import { z } from "zod";
import {
  createBatchChangeBody,
  createBatchJobBody,
  createBatchScheduleBody,
  decideBatchChangeBody,
  reasonBody,
} from "#lib/contracts/batch.ts";
import { operation } from "#lib/contracts/operation.ts";
import { slug } from "#lib/contracts/registry-api.ts";
import { batchChangeView, batchJobView, batchListView, newBatchView } from "#lib/contracts/views/batch-view.ts";

/** Batch jobs, their outputs and schedules, and the change of a batch endpoint's version. */

const none = z.strictObject({});
const number = z.coerce.number().int().positive();
const numbered = z.strictObject({ number });
const jobState = z.object({ number: z.number().int(), state: z.string() });
const maybeReason = z.strictObject({ reason: z.string().trim().max(2000).nullable().default(null) });
const GIBIBYTE = 1024 ** 3;

export const uploadBatchInput = operation({
  name: "uploadBatchInput",
  method: "POST",
  path: "/api/v1/batch/inputs",
  summary: "Upload a file of rows (CSV, JSON Lines or Parquet) as the body; the name's ending says which",
  permission: "batch:run",
  params: none,
  query: z.strictObject({ name: z.string().regex(/^[^/\\\0]{1,200}$/) }),
  body: "stream",
  response: z.object({
    digest: z.string(),
    name: z.string(),
    format: z.string(),
    rows: z.number().int(),
    sizeBytes: z.number(),
    columns: z.array(z.string()),
  }),
  status: 201,
  maxBodyBytes: 1024 * GIBIBYTE,
});

export const createBatchJob = operation({
  name: "createBatchJob",
  method: "POST",
  path: "/api/v1/batch/jobs",
  summary: "Answer every row of an input by the endpoint's live version",
  permission: "batch:run",
  params: none,
  query: none,
  body: createBatchJobBody,
  response: z.object({ id: z.string(), number: z.number().int(), rows: z.number().int(), partitions: z.number().int() }),
  status: 201,
});

export const listBatchJobs = operation({
  name: "listBatchJobs",
  method: "GET",
  path: "/api/v1/batch/jobs",
  summary: "Batch jobs, newest first; `before` is the number to go on from",
  permission: "batch:read",
  params: none,
  query: z.strictObject({ endpoint: slug.optional(), before: number.optional(), limit: z.coerce.number().int().min(1).max(200).default(50) }),
  body: null,
  response: z.object({ data: z.array(batchJobView.shape.job), next: z.number().int().nullable() }),
  status: 200,
});

export const getBatchJob = operation({
  name: "getBatchJob",
  method: "GET",
  path: "/api/v1/batch/jobs/{number}",
  summary: "A batch job with its progress, counts and output",
  permission: "batch:read",
  params: numbered,
  query: none,
  body: null,
  response: batchJobView,
  status: 200,
});

const jobAct = <const N extends string, const V extends string>(name: N, verb: V, summary: string) =>
  operation({
    name,
    method: "POST",
    path: `/api/v1/batch/jobs/{number}/${verb}`,
    summary,
    permission: "batch:run",
    params: numbered,
    query: none,
    body: maybeReason,
    response: jobState,
    status: 200,
  });

export const pauseBatchJob = jobAct("pauseBatchJob", "pause", "Stop handing out parts; what is finished stays finished");
export const resumeBatchJob = jobAct("resumeBatchJob", "resume", "Go on where it was paused");
export const cancelBatchJob = jobAct("cancelBatchJob", "cancel", "End a job for good; outputs of earlier jobs are not touched");

const download = <const N extends string, const P extends `/api/v1/${string}`, S extends z.ZodObject>(name: N, path: P, summary: string, params: S) =>
  operation({
    name,
    method: "GET",
    path,
    summary,
    permission: "batch:read",
    params,
    query: none,
    body: null,
    response: null,
    status: 200,
    responseType: "application/octet-stream",
  });

export const getBatchOutput = download("getBatchOutput", "/api/v1/batch/jobs/{number}/output", "The output of a finished job", numbered);
export const getBatchErrors = download("getBatchErrors", "/api/v1/batch/jobs/{number}/errors", "The rows without an answer, and why, as JSON Lines", numbered);
export const getCurrentOutput = download(
  "getCurrentOutput",
  "/api/v1/endpoints/{endpoint}/outputs/{name}",
  "The current output under this name: the address that readers use",
  z.strictObject({ endpoint: slug, name: slug }),
);

export const makeOutputCurrent = operation({
  name: "makeOutputCurrent",
  method: "POST",
  path: "/api/v1/batch/outputs/{outputId}/make-current",
  summary: "Make an earlier (or later) output the one that readers get",
  permission: "batch:run",
  params: z.strictObject({ outputId: z.uuid() }),
  query: none,
  body: reasonBody,
  response: z.object({ name: z.string(), version: z.number().int() }),
  status: 200,
});

export const createBatchSchedule = operation({
  name: "createBatchSchedule",
  method: "POST",
  path: "/api/v1/batch/schedules",
  summary: "Start a job by the clock",
  permission: "batch:run",
  params: none,
  query: none,
  body: createBatchScheduleBody,
  response: z.object({ id: z.string(), nextAt: z.iso.datetime().nullable() }),
  status: 201,
});

export const switchBatchSchedule = operation({
  name: "switchBatchSchedule",
  method: "POST",
  path: "/api/v1/batch/schedules/{scheduleId}",
  summary: "Start or stop the clock of a schedule",
  permission: "batch:run",
  params: z.strictObject({ scheduleId: z.uuid() }),
  query: none,
  body: z.strictObject({ enabled: z.boolean() }),
  response: z.object({ id: z.string(), enabled: z.boolean() }),
  status: 200,
});

export const createBatchChange = operation({
  name: "createBatchChange",
  method: "POST",
  path: "/api/v1/batch/changes",
  summary: "Propose another version for a batch endpoint; both answer a slice of the rows",
  permission: "release:create",
  params: none,
  query: none,
  body: createBatchChangeBody,
  response: z.object({ id: z.string(), number: z.number().int(), jobNumber: z.number().int() }),
  status: 201,
});

export const getBatchChange = operation({
  name: "getBatchChange",
  method: "GET",
  path: "/api/v1/batch/changes/{number}",
  summary: "A proposed version with the difference that was measured",
  permission: "batch:read",
  params: numbered,
  query: none,
  body: null,
  response: batchChangeView,
  status: 200,
});

export const approveBatchChange = operation({
  name: "approveBatchChange",
  method: "POST",
  path: "/api/v1/batch/changes/{number}/approve",
  summary: "Approve the difference that was seen; with enough approvals the next job uses the new version",
  permission: "release:approve",
  params: numbered,
  query: none,
  body: decideBatchChangeBody,
  response: jobState,
  status: 200,
});

export const rejectBatchChange = operation({
  name: "rejectBatchChange",
  method: "POST",
  path: "/api/v1/batch/changes/{number}/reject",
  summary: "Turn the proposed version down",
  permission: "release:reject",
  params: numbered,
  query: none,
  body: decideBatchChangeBody,
  response: jobState,
  status: 200,
});

export const withdrawBatchChange = operation({
  name: "withdrawBatchChange",
  method: "POST",
  path: "/api/v1/batch/changes/{number}/withdraw",
  summary: "Take the proposal back; its comparison is cancelled",
  permission: "release:cancel",
  params: numbered,
  query: none,
  body: reasonBody,
  response: jobState,
  status: 200,
});

export const revertBatchChange = operation({
  name: "revertBatchChange",
  method: "POST",
  path: "/api/v1/batch/changes/{number}/revert",
  summary: "Back to the version before, for the next job",
  permission: "release:rollback",
  params: numbered,
  query: none,
  body: reasonBody,
  response: jobState,
  status: 200,
});

export const viewBatch = operation({
  name: "viewBatch",
  method: "GET",
  path: "/api/v1/views/batch",
  summary: "The page of batch jobs",
  permission: "batch:read",
  params: none,
  query: z.strictObject({ endpoint: slug.optional(), before: number.optional() }),
  body: null,
  response: batchListView,
  status: 200,
});

export const viewNewBatch = operation({
  name: "viewNewBatch",
  method: "GET",
  path: "/api/v1/views/batch/new",
  summary: "What the form for a batch job needs",
  permission: "batch:read",
  params: none,
  query: none,
  body: null,
  response: newBatchView,
  status: 200,
});
