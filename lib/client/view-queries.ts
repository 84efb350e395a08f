import { queryOptions } from "@tanstack/react-query";
import { getView } from "#lib/client/api-client.ts";
import { drillListView } from "#lib/contracts/views/drill-list-view.ts";
import { inboxView } from "#lib/contracts/views/inbox-view.ts";
import { newReleaseView } from "#lib/contracts/views/new-release-view.ts";
import { releaseListView } from "#lib/contracts/views/release-list-view.ts";
import { releaseView } from "#lib/contracts/views/release-view.ts";
import { searchView } from "#lib/contracts/views/search-view.ts";
import { shellView } from "#lib/contracts/views/shell-view.ts";

/** One query a view. The first element of each key is the stream topic that makes it old; see live-stream.ts. */

function withQuery(path: string, query: Record<string, string | null | undefined>): string {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) if (value) search.set(name, value);
  const text = search.toString();
  return text === "" ? path : `${path}?${text}`;
}

export const shellQuery = () =>
  queryOptions({
    queryKey: ["release", "shell"],
    queryFn: ({ signal }) => getView("/api/v1/views/shell", shellView, signal),
  });

export const inboxQuery = (environment: string | null) =>
  queryOptions({
    queryKey: ["release", "inbox", environment],
    queryFn: ({ signal }) =>
      getView(withQuery("/api/v1/views/inbox", { environment }), inboxView, signal),
  });

export type ReleaseListFilter = {
  q: string;
  group: string | null;
  environment: string | null;
  cursor: string | null;
};

export const releaseListQuery = (filter: ReleaseListFilter) =>
  queryOptions({
    queryKey: ["release", "list", filter],
    queryFn: ({ signal }) =>
      getView(withQuery("/api/v1/views/releases", filter), releaseListView, signal),
  });

export const releaseQuery = (number: number) =>
  queryOptions({
    queryKey: ["release", "page", number],
    queryFn: ({ signal }) =>
      getView(`/api/v1/views/releases/${String(number)}`, releaseView, signal),
  });

export const newReleaseQuery = (endpoint: string | null) =>
  queryOptions({
    queryKey: ["endpoint", "new-release", endpoint],
    queryFn: ({ signal }) =>
      getView(withQuery("/api/v1/views/releases/new", { endpoint }), newReleaseView, signal),
  });

export const drillsQuery = (endpoint: string) =>
  queryOptions({
    queryKey: ["release", "drills", endpoint],
    queryFn: ({ signal }) =>
      getView(withQuery("/api/v1/drills", { endpoint }), drillListView, signal),
  });

export const searchQuery = (q: string) =>
  queryOptions({
    queryKey: ["search", q],
    queryFn: ({ signal }) => getView(withQuery("/api/v1/views/search", { q }), searchView, signal),
    staleTime: 10_000,
  });
