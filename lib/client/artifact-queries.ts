import { queryOptions } from "@tanstack/react-query";
import { getView } from "#lib/client/api-client.ts";
import { comparisonView } from "#lib/contracts/views/comparison-view.ts";
import { graphView } from "#lib/contracts/views/graph-view.ts";
import { scanReport } from "#lib/contracts/views/scan-view.ts";

/** What is read from the bytes of versions. They never change, so nothing but a new reading makes an answer old. */

const versionAddress = (model: string, version: string): string =>
  `/api/v1/models/${encodeURIComponent(model)}/versions/${encodeURIComponent(version)}`;

export const graphQuery = (model: string, version: string) =>
  queryOptions({
    queryKey: ["graph", model, version],
    queryFn: ({ signal }) => getView(`${versionAddress(model, version)}/graph`, graphView, signal),
    staleTime: Infinity,
    retry: false,
  });

export const scansPath = (model: string, version: string): string =>
  `${versionAddress(model, version)}/scans`;

export const scansQuery = (model: string, version: string) =>
  queryOptions({
    queryKey: ["model", "scans", model, version],
    queryFn: ({ signal }) => getView(scansPath(model, version), scanReport, signal),
  });

export const comparisonQuery = (model: string, from: string, to: string) =>
  queryOptions({
    queryKey: ["comparison", model, from, to],
    queryFn: ({ signal }) =>
      getView(
        `/api/v1/models/${encodeURIComponent(model)}/compare?${new URLSearchParams({ from, to }).toString()}`,
        comparisonView,
        signal,
      ),
    staleTime: Infinity,
  });
