import { queryOptions } from "@tanstack/react-query";
import { getView } from "#lib/client/api-client.ts";
import { streamListView, streamView } from "#lib/contracts/views/stream-view.ts";

/** One query a view; the first element of a key is the topic of the event stream that makes it old. */

/** A runtime that falls silent sends no event: what is on the screen is read again this often all the same. */
const SILENCE_MS = 10_000;

export const streamListQuery = () =>
  queryOptions({
    queryKey: ["stream", "list"],
    queryFn: ({ signal }) => getView("/api/v1/views/streams", streamListView, signal),
    refetchInterval: SILENCE_MS,
  });

export const streamQuery = (name: string) =>
  queryOptions({
    queryKey: ["stream", "one", name],
    queryFn: ({ signal }) => getView(`/api/v1/streams/${encodeURIComponent(name)}`, streamView, signal),
    refetchInterval: SILENCE_MS,
  });
