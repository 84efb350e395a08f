import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import { getView } from "#lib/client/api-client.ts";
import { endpointListView } from "#lib/contracts/views/endpoint-list-view.ts";
import {
  endpointMonitoringView,
  endpointView,
  type MonitoringRange,
} from "#lib/contracts/views/endpoint-view.ts";
import { modelListView } from "#lib/contracts/views/model-list-view.ts";
import { modelView } from "#lib/contracts/views/model-view.ts";
import { newEndpointView } from "#lib/contracts/views/new-endpoint-view.ts";
import { newVersionView } from "#lib/contracts/views/new-version-view.ts";
import { versionView } from "#lib/contracts/views/version-view.ts";

/** One query a view, as in view-queries.ts: the first element of a key is the stream topic that makes it old. */

function address(path: string, query: Readonly<Record<string, string | null>>): string {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) if (value) search.set(name, value);
  const text = search.toString();
  return text === "" ? path : `${path}?${text}`;
}

export type ModelListFilter = {
  readonly q: string;
  readonly state: string | null;
  readonly environment: string | null;
};

export const modelListQuery = (filter: ModelListFilter) =>
  queryOptions({
    queryKey: ["endpoint", "models", filter],
    queryFn: ({ signal }) =>
      getView(address("/api/v1/views/models", filter), modelListView, signal),
    placeholderData: keepPreviousData,
  });

export const modelQuery = (model: string) =>
  queryOptions({
    queryKey: ["model", "model", model],
    queryFn: ({ signal }) =>
      getView(`/api/v1/views/models/${encodeURIComponent(model)}`, modelView, signal),
  });

export const versionQuery = (model: string, version: string) =>
  queryOptions({
    queryKey: ["model", "version", model, version],
    queryFn: ({ signal }) =>
      getView(
        `/api/v1/views/models/${encodeURIComponent(model)}/versions/${encodeURIComponent(version)}`,
        versionView,
        signal,
      ),
  });

export const newVersionQuery = (model: string | null) =>
  queryOptions({
    queryKey: ["new-version", model],
    queryFn: ({ signal }) =>
      getView(address("/api/v1/views/versions/new", { model }), newVersionView, signal),
    placeholderData: keepPreviousData,
  });

export type EndpointListFilter = { readonly q: string; readonly environment: string | null };

export const endpointListQuery = (filter: EndpointListFilter) =>
  queryOptions({
    queryKey: ["endpoint", "list", filter],
    queryFn: ({ signal }) =>
      getView(address("/api/v1/views/endpoints", filter), endpointListView, signal),
    placeholderData: keepPreviousData,
  });

export const endpointQuery = (endpoint: string, at: string | null) =>
  queryOptions({
    queryKey: ["endpoint", "one", endpoint, at],
    queryFn: ({ signal }) =>
      getView(
        address(`/api/v1/views/endpoints/${encodeURIComponent(endpoint)}`, { at }),
        endpointView,
        signal,
      ),
    placeholderData: keepPreviousData,
  });

/** Reads again by its own clock: a chart that redraws with every request cannot be read. */
export const endpointMonitoringQuery = (endpoint: string, range: MonitoringRange) =>
  queryOptions({
    queryKey: ["monitoring", endpoint, range],
    queryFn: ({ signal }) =>
      getView(
        address(`/api/v1/views/endpoints/${encodeURIComponent(endpoint)}/monitoring`, { range }),
        endpointMonitoringView,
        signal,
      ),
    placeholderData: keepPreviousData,
    refetchInterval: (query) =>
      Math.min(60_000, Math.max(5_000, (query.state.data?.pointSeconds ?? 10) * 500)),
  });

export const newEndpointQuery = (model: string | null, environment: string | null) =>
  queryOptions({
    queryKey: ["environment", "new-endpoint", model, environment],
    queryFn: ({ signal }) =>
      getView(
        address("/api/v1/views/endpoints/new", { model, environment }),
        newEndpointView,
        signal,
      ),
    placeholderData: keepPreviousData,
  });
