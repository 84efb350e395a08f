import { queryOptions } from "@tanstack/react-query";
import { getView } from "#lib/client/api-client.ts";
import { evaluationListView, evaluationView } from "#lib/contracts/views/evaluation-view.ts";
import type { StatusLabel } from "#lib/domain/release/labels.ts";
import type { EvaluationRow } from "#lib/contracts/views/evaluation-view.ts";
import { versionPath } from "./registry-words.ts";

const RUNNING_MS = 1_000;

export const evaluationsPath = (model: string, version: string): string => `${versionPath(model, version)}/evaluations`;
export const evaluationPath = (model: string, version: string, number: number): string => `${evaluationsPath(model, version)}/${String(number)}`;

export const evaluationsQuery = (model: string, version: string) =>
  queryOptions({
    queryKey: ["model", "evaluations", model, version],
    queryFn: ({ signal }) => getView(`/api/v1/models/${encodeURIComponent(model)}/versions/${encodeURIComponent(version)}/evaluations`, evaluationListView, signal),
    refetchInterval: ({ state }) => (state.data?.rows.some(({ finishedAt }) => finishedAt === null) === true ? RUNNING_MS : false),
  });

export const evaluationQuery = (number: number) =>
  queryOptions({
    queryKey: ["model", "evaluation", number],
    queryFn: ({ signal }) => getView(`/api/v1/evaluations/${String(number)}`, evaluationView, signal),
    refetchInterval: ({ state }) => (state.data?.row.finishedAt === null ? RUNNING_MS : false),
  });

/** Where an evaluation stands, as shape and word. */
export function evaluationStatus({ state, passed }: Pick<EvaluationRow, "state" | "passed">): StatusLabel {
  switch (state) {
    case "waiting":
      return { word: "Waits for a runtime", shape: "scheduled" };
    case "running":
      return { word: "Running", shape: "running" };
    case "succeeded":
      return passed === false ? { word: "Not passed", shape: "failed" } : { word: "Done", shape: "passed" };
    case "failed":
      return { word: "Could not run", shape: "failed" };
    case "cancelled":
      return { word: "Cancelled", shape: "draft" };
  }
}
