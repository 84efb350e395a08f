import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import { ApiProblem, getView, problemOf } from "#lib/client/api-client.ts";
import { uploadBatchInput } from "#lib/contracts/api/batch-operations.ts";
import { batchChangeView, batchJobView, batchListView } from "#lib/contracts/views/batch-view.ts";
import type { z } from "zod";

/** One query a view; progress comes by the stream, and a job that runs is read again every few seconds all the same. */

const RUNNING_MS = 2_000;

export const batchListQuery = (before: number | null) =>
  queryOptions({
    queryKey: ["batch", "list", before],
    queryFn: ({ signal }) => getView(before === null ? "/api/v1/views/batch" : `/api/v1/views/batch?before=${String(before)}`, batchListView, signal),
    placeholderData: keepPreviousData,
    refetchInterval: ({ state }) => (state.data?.jobs.some((job) => job.finishedAt === null) === true ? RUNNING_MS : false),
  });

export const batchJobQuery = (number: number) =>
  queryOptions({
    queryKey: ["batch", "job", number],
    queryFn: ({ signal }) => getView(`/api/v1/batch/jobs/${String(number)}`, batchJobView, signal),
    refetchInterval: ({ state }) => (state.data?.job.finishedAt === null ? RUNNING_MS : false),
  });

export const batchChangeQuery = (number: number) =>
  queryOptions({
    queryKey: ["batch", "change", number],
    queryFn: ({ signal }) => getView(`/api/v1/batch/changes/${String(number)}`, batchChangeView, signal),
    refetchInterval: ({ state }) => (state.data?.change.state === "comparing" ? RUNNING_MS : false),
  });

export type ReceivedInput = z.output<typeof uploadBatchInput.response>;

/** Sends a file of rows as it lies on disk to where such files are taken. Throws ApiProblem. */
export async function uploadRows(path: string, file: File): Promise<ReceivedInput> {
  let response: Response;
  try {
    response = await fetch(`${path}?name=${encodeURIComponent(file.name)}`, {
      method: "POST",
      credentials: "same-origin",
      headers: { accept: "application/json", "content-type": "application/octet-stream" },
      body: file,
    });
  } catch {
    throw new ApiProblem(0, { message: "The upload broke off.", code: "unreachable", fields: [], hint: "Choose the file again.", requestId: null });
  }
  if (!response.ok) throw problemOf(response.status, await response.json().catch(() => ({})));
  return uploadBatchInput.response.parse(await response.json());
}

export const uploadBatchRows = (file: File): Promise<ReceivedInput> => uploadRows("/api/v1/batch/inputs", file);
