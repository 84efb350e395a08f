import { queryOptions } from "@tanstack/react-query";
import { getView } from "#lib/client/api-client.ts";
import { runtimeConfigurationView } from "#lib/contracts/views/runtime-configuration-view.ts";

export const runtimeConfigurationQuery = (endpoint: string) =>
  queryOptions({
    queryKey: ["runtime-configuration", endpoint],
    queryFn: ({ signal }) => getView(`/api/v1/endpoints/${encodeURIComponent(endpoint)}/runtime-configuration`, runtimeConfigurationView, signal),
    refetchInterval: 60_000,
  });
