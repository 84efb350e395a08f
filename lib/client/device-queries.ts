import { queryOptions } from "@tanstack/react-query";
import { getView } from "#lib/client/api-client.ts";
import { deviceFleetsView } from "#lib/contracts/views/devices-view.ts";

/** Orders are of the topic "endpoint"; what devices say of themselves is not told, so the page reads it again. */
export const deviceFleetsQuery = () =>
  queryOptions({
    queryKey: ["endpoint", "devices"],
    queryFn: ({ signal }) => getView("/api/v1/views/devices", deviceFleetsView, signal),
    refetchInterval: 15_000,
  });
