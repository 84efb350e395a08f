import { queryOptions } from "@tanstack/react-query";
import { getView } from "#lib/client/api-client.ts";
import { loadTestListView, type LoadTestView } from "#lib/contracts/views/load-test-view.ts";
import type { StatusLabel } from "#lib/domain/release/labels.ts";

const RUNNING_MS = 1_000;

export const loadTestsPath = (endpoint: string): string => `/api/v1/endpoints/${encodeURIComponent(endpoint)}/load-tests`;

export const loadTestsQuery = (endpoint: string) =>
  queryOptions({
    queryKey: ["endpoint", "load-tests", endpoint],
    queryFn: ({ signal }) => getView(loadTestsPath(endpoint), loadTestListView, signal),
    refetchInterval: ({ state }) => (state.data?.rows.some(({ finishedAt }) => finishedAt === null) === true ? RUNNING_MS : false),
  });

/** Where a load test stands, as shape and word. */
export function loadTestStatus({ state, passed }: Pick<LoadTestView, "state" | "passed">): StatusLabel {
  switch (state) {
    case "waiting":
      return { word: "Waits for a runtime", shape: "scheduled" };
    case "running":
      return { word: "Running", shape: "running" };
    case "succeeded":
      return passed === true ? { word: "Passed", shape: "passed" } : { word: "Not passed", shape: "failed" };
    case "failed":
      return { word: "Could not run", shape: "failed" };
    case "cancelled":
      return { word: "Cancelled", shape: "draft" };
  }
}
