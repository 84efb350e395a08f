import { queryOptions } from "@tanstack/react-query";
import { getView } from "#lib/client/api-client.ts";
import { targetsView } from "#lib/contracts/views/target-view.ts";

export const targetsQuery = () =>
  queryOptions({
    queryKey: ["endpoint", "targets"],
    queryFn: ({ signal }) => getView("/api/v1/targets", targetsView, signal),
    refetchInterval: 30_000,
  });
