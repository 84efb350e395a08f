import { queryOptions } from "@tanstack/react-query";
import { getView } from "#lib/client/api-client.ts";
import { serviceLevelView } from "#lib/contracts/views/service-level-view.ts";

export const serviceLevelQuery = (endpoint: string) =>
  queryOptions({
    queryKey: ["monitoring", "service-level", endpoint],
    queryFn: ({ signal }) => getView(`/api/v1/endpoints/${encodeURIComponent(endpoint)}/service-level`, serviceLevelView, signal),
    refetchInterval: 60_000,
  });
