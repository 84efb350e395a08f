import { queryOptions } from "@tanstack/react-query";
import { getView } from "#lib/client/api-client.ts";
import { peopleView, serviceAccountsView, sessionView, tokensView } from "#lib/contracts/people-api.ts";

/** Reads of the settings and of the person menu; the first element of each key is the stream topic that makes it old. */

export const peopleQuery = () =>
  queryOptions({
    queryKey: ["people", "list"],
    queryFn: ({ signal }) => getView("/api/v1/people", peopleView, signal),
  });

export const serviceAccountsQuery = () =>
  queryOptions({
    queryKey: ["people", "service-accounts"],
    queryFn: ({ signal }) => getView("/api/v1/service-accounts", serviceAccountsView, signal),
  });

export const tokensQuery = () =>
  queryOptions({
    queryKey: ["people", "tokens"],
    queryFn: ({ signal }) => getView("/api/v1/tokens", tokensView, signal),
  });

export const sessionQuery = () =>
  queryOptions({
    queryKey: ["people", "session"],
    queryFn: ({ signal }) => getView("/api/v1/session", sessionView, signal),
    staleTime: 60_000,
  });
