"use client";

import { useMutation } from "@tanstack/react-query";
import { useRouter } from "next/navigation";
import { useRef, useState } from "react";
import { ApiProblem, newIdempotencyKey, postAct } from "#lib/client/api-client.ts";
import { type ReceivedInput, uploadBatchRows } from "#lib/client/batch-queries.ts";
import { batchChangePath, batchJobPath } from "#lib/client/batch-words.ts";
import { createBatchChange, createBatchJob } from "#lib/contracts/api/batch-operations.ts";
import type { BatchFormat, ColumnMapping } from "#lib/contracts/batch.ts";
import type { NewBatchView } from "#lib/contracts/views/batch-view.ts";

export const batchIntents = ["run", "schedule", "compare"] as const;
export type BatchIntent = (typeof batchIntents)[number];

export type BatchDraft = {
  readonly intent: BatchIntent;
  readonly endpoint: string;
  readonly version: string;
  readonly place: "upload" | "file" | "s3";
  readonly path: string;
  readonly bucket: string;
  readonly outputName: string;
  readonly outputFormat: BatchFormat;
  readonly idColumn: string;
  readonly failureLimit: string;
  readonly sliceRows: string;
  readonly cron: string;
  readonly timeZone: string;
  readonly mapping: ColumnMapping;
};

const firstDraft = (view: NewBatchView, endpoint: string | null): BatchDraft => ({
  intent: "run",
  endpoint: view.endpoints.some(({ name }) => name === endpoint) ? (endpoint ?? "") : (view.endpoints.find(({ pattern }) => pattern === "batch")?.name ?? ""),
  version: "",
  place: "upload",
  path: "",
  bucket: view.buckets[0] ?? "",
  outputName: "results",
  outputFormat: "csv",
  idColumn: "",
  failureLimit: "5",
  sliceRows: "2000",
  cron: "0 3 * * *",
  timeZone: "UTC",
  mapping: {},
});

function sourceOf(draft: BatchDraft, input: ReceivedInput | null): unknown {
  if (draft.place === "file") return { kind: "file", path: draft.path };
  if (draft.place === "s3") return { kind: "s3", bucket: draft.bucket, key: draft.path };
  return input === null ? null : { kind: "upload", digest: input.digest };
}

const filled = (mapping: ColumnMapping): ColumnMapping => Object.fromEntries(Object.entries(mapping).filter(([, { from, to }]) => from !== "" && to !== ""));

/** The request that the form stands for. */
export function batchRequest(draft: BatchDraft, input: ReceivedInput | null): { readonly path: string; readonly body: Readonly<Record<string, unknown>> } {
  const shared = { endpoint: draft.endpoint, source: sourceOf(draft, input), mapping: filled(draft.mapping) };
  if (draft.intent === "compare") return { path: "/api/v1/batch/changes", body: { ...shared, version: draft.version, sliceRows: Number(draft.sliceRows) } };
  const job = {
    ...shared,
    idColumn: draft.idColumn === "" ? null : draft.idColumn,
    outputName: draft.outputName,
    outputFormat: draft.outputFormat,
    failureLimitBp: Math.round(Number(draft.failureLimit) * 100),
  };
  if (draft.intent === "schedule") return { path: "/api/v1/batch/schedules", body: { ...job, cron: draft.cron, timeZone: draft.timeZone } };
  return { path: "/api/v1/batch/jobs", body: job };
}

/** What is written, the file that was read, and sending it. */
export function useNewBatch(view: NewBatchView, endpoint: string | null) {
  const router = useRouter();
  const [draft, setDraft] = useState(() => firstDraft(view, endpoint));
  const [tried, setTried] = useState(false);
  const key = useRef(newIdempotencyKey());
  const upload = useMutation({ mutationFn: uploadBatchRows });
  const input = upload.data ?? null;
  const { path, body } = batchRequest(draft, input);
  const send = useMutation({
    mutationFn: async () => {
      const answer = await postAct(path, body, { idempotencyKey: key.current });
      if (draft.intent === "compare") return batchChangePath(createBatchChange.response.parse(answer).number);
      if (draft.intent === "schedule") return "/batch";
      return batchJobPath(createBatchJob.response.parse(answer).number);
    },
    onSuccess: (next) => {
      router.push(next);
    },
    onError: (cause) => {
      if (!(cause instanceof ApiProblem) || cause.status !== 0) key.current = newIdempotencyKey();
    },
  });
  const chosen = view.endpoints.find(({ name }) => name === draft.endpoint) ?? null;
  const missing = {
    endpoint: chosen === null ? "Choose an endpoint." : null,
    version: draft.intent === "compare" && draft.version === "" ? "Choose the version to compare with." : null,
    rows: draft.place === "upload" ? (input === null ? "Choose a file." : null) : draft.path === "" ? "Say which file." : null,
  };
  const isComplete = Object.values(missing).every((problem) => problem === null);
  return {
    draft,
    chosen,
    input,
    path,
    body,
    set: (change: Partial<BatchDraft>) => {
      setDraft((now) => ({ ...now, ...change }));
    },
    missing: tried ? missing : { endpoint: null, version: null, rows: null },
    upload: { start: upload.mutate, pending: upload.isPending, problem: upload.error instanceof ApiProblem ? upload.error : null },
    problem: send.error instanceof ApiProblem ? send.error : null,
    pending: send.isPending || send.isSuccess,
    submit: () => {
      setTried(true);
      if (isComplete && !send.isPending && !upload.isPending) send.mutate();
      else document.getElementById(missing.endpoint !== null ? "endpoint" : missing.version !== null ? "version" : draft.place === "upload" ? "rows" : "path")?.focus();
    },
  };
}
export type NewBatch = ReturnType<typeof useNewBatch>;
