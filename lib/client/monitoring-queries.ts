import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import { getView } from "#lib/client/api-client.ts";
import { channelsView, channelView } from "#lib/contracts/views/channels-view.ts";
import { alertsView, monitoringView, rulesView, type MonitoringViewQuery } from "#lib/contracts/views/monitoring-view.ts";

/** Reads of the monitoring and channel screens; the first element of each key is the stream topic that makes it old. */

const search = (query: Readonly<Record<string, string | null>>): string => {
  const params = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) if (value !== null) params.set(name, value);
  return params.size === 0 ? "" : `?${params.toString()}`;
};

export const watchQuery = (endpoint: string, asked: MonitoringViewQuery) =>
  queryOptions({
    queryKey: ["monitoring", "watch", endpoint, asked],
    queryFn: ({ signal }) => getView(`/api/v1/views/monitoring/${encodeURIComponent(endpoint)}${search(asked)}`, monitoringView, signal),
    placeholderData: keepPreviousData,
  });

export const rulesQuery = (endpoint: string) =>
  queryOptions({
    queryKey: ["monitoring", "rules", endpoint],
    queryFn: ({ signal }) => getView(`/api/v1/views/monitoring/${encodeURIComponent(endpoint)}/rules`, rulesView, signal),
  });

export const alertsQuery = (show: "open" | "closed" | "all", before: string | null) =>
  queryOptions({
    queryKey: ["monitoring", "alerts", show, before],
    queryFn: ({ signal }) => getView(`/api/v1/views/alerts${search({ show, before })}`, alertsView, signal),
    placeholderData: keepPreviousData,
  });

export const channelsQuery = () =>
  queryOptions({
    queryKey: ["outgoing", "channels"],
    queryFn: ({ signal }) => getView("/api/v1/views/channels", channelsView, signal),
  });

export const channelQuery = (channelId: string, before: string | null) =>
  queryOptions({
    queryKey: ["outgoing", "channel", channelId, before],
    queryFn: ({ signal }) => getView(`/api/v1/views/channels/${channelId}${search({ before })}`, channelView, signal),
    placeholderData: keepPreviousData,
  });
