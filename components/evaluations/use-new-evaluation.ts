"use client";

import { useMutation } from "@tanstack/react-query";
import { useRouter } from "next/navigation";
import { useRef, useState } from "react";
import { ApiProblem, newIdempotencyKey, postAct } from "#lib/client/api-client.ts";
import { uploadRows, type ReceivedInput } from "#lib/client/batch-queries.ts";
import { evaluationPath } from "#lib/client/evaluation-queries.ts";
import { createEvaluation } from "#lib/contracts/api/evaluation-operations.ts";
import type { EvaluationListView } from "#lib/contracts/views/evaluation-view.ts";

export type LimitDraft = { readonly key: number; readonly name: string; readonly side: "min" | "max"; readonly value: string };

export type EvaluationDraft = {
  readonly dataset: string;
  readonly labelColumn: string;
  readonly slices: readonly [string, string, string];
  readonly sliceMetric: string;
  readonly gapLimit: string;
  readonly task: "" | "classification" | "regression";
  readonly limits: readonly LimitDraft[];
  readonly mapping: Readonly<Record<string, { readonly from: string; readonly to: string }>>;
};

const FIRST: EvaluationDraft = { dataset: "", labelColumn: "", slices: ["", "", ""], sliceMetric: "", gapLimit: "", task: "", limits: [{ key: 0, name: "", side: "min", value: "" }], mapping: {} };

const uploadData = (file: File): Promise<ReceivedInput> => uploadRows("/api/v1/evaluations/data", file);
const numberOf = (text: string): number | null => (text.trim() === "" || !Number.isFinite(Number(text)) ? null : Number(text));

function thresholdsOf(limits: readonly LimitDraft[]): Record<string, { min?: number; max?: number }> {
  const all: Record<string, { min?: number; max?: number }> = {};
  for (const { name, side, value } of limits) {
    const limit = numberOf(value);
    if (name.trim() === "" || limit === null) continue;
    all[name.trim()] = { ...all[name.trim()], [side]: limit };
  }
  return all;
}

/** The request that the form stands for; what is left empty is left out. */
export function evaluationBody(draft: EvaluationDraft, data: ReceivedInput | null, training: ReceivedInput | null): Record<string, unknown> {
  const slices = [...new Set(draft.slices.filter((name) => name !== ""))];
  const mapping = Object.fromEntries(Object.entries(draft.mapping).filter(([, { from, to }]) => from !== "" && to !== ""));
  const thresholds = thresholdsOf(draft.limits);
  const gapLimit = numberOf(draft.gapLimit);
  return {
    data: data?.digest ?? "sha256:...",
    labelColumn: draft.labelColumn,
    ...(draft.dataset.trim() === "" ? {} : { dataset: draft.dataset.trim() }),
    ...(training === null ? {} : { training: training.digest }),
    ...(draft.task === "" ? {} : { task: draft.task }),
    ...(slices.length === 0 ? {} : { sliceColumns: slices }),
    ...(slices.length === 0 || draft.sliceMetric.trim() === "" ? {} : { sliceMetric: draft.sliceMetric.trim() }),
    ...(slices.length === 0 || gapLimit === null ? {} : { gapLimit }),
    ...(Object.keys(thresholds).length === 0 ? {} : { thresholds }),
    ...(Object.keys(mapping).length === 0 ? {} : { mapping }),
  };
}

/** What is written, the files that were read, and sending it. */
export function useNewEvaluation({ modelName, versionName }: EvaluationListView) {
  const router = useRouter();
  const [draft, setDraft] = useState(FIRST);
  const [tried, setTried] = useState(false);
  const key = useRef(newIdempotencyKey());
  const upload = useMutation({ mutationFn: uploadData });
  const trainingUpload = useMutation({ mutationFn: uploadData });
  const data = upload.data ?? null;
  const training = trainingUpload.data ?? null;
  const path = `/api/v1/models/${modelName}/versions/${versionName}/evaluations`;
  const body = evaluationBody(draft, data, training);
  const send = useMutation({
    mutationFn: async () => createEvaluation.response.parse(await postAct(path, body, { idempotencyKey: key.current })).number,
    onSuccess: (number) => {
      router.push(evaluationPath(modelName, versionName, number));
    },
    onError: (cause) => {
      if (!(cause instanceof ApiProblem) || cause.status !== 0) key.current = newIdempotencyKey();
    },
  });
  const unfinished = draft.limits.some(({ name, value }) => (name.trim() === "") !== (numberOf(value) === null));
  const missing = {
    data: data === null ? "Choose a file." : null,
    labelColumn: draft.labelColumn === "" ? "Say which column holds the true value." : null,
    limits: unfinished ? "Each limit needs a figure and a number." : null,
  };
  const first = missing.data !== null ? "data" : missing.labelColumn !== null ? "label-column" : missing.limits !== null ? "limit-0" : null;
  const problemIn = (error: unknown): ApiProblem | null => (error instanceof ApiProblem ? error : null);
  return {
    draft,
    data,
    training,
    path,
    body,
    set: (change: Partial<EvaluationDraft>) => {
      setDraft((now) => ({ ...now, ...change }));
    },
    missing: tried ? missing : { data: null, labelColumn: null, limits: null },
    upload: (file: File) => {
      setDraft((now) => ({ ...now, labelColumn: "", slices: ["", "", ""] }));
      upload.mutate(file);
    },
    uploadTraining: (file: File) => {
      trainingUpload.mutate(file);
    },
    isReading: upload.isPending || trainingUpload.isPending,
    problem: problemIn(send.error) ?? problemIn(upload.error) ?? problemIn(trainingUpload.error),
    pending: send.isPending || send.isSuccess,
    submit: () => {
      setTried(true);
      if (first !== null) document.getElementById(first)?.focus();
      else if (!send.isPending && !upload.isPending && !trainingUpload.isPending) send.mutate();
    },
  };
}
export type NewEvaluation = ReturnType<typeof useNewEvaluation>;
