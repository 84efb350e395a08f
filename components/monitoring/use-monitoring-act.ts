"use client";

import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useRef } from "react";
import { ApiProblem, newIdempotencyKey, postAct } from "#lib/client/api-client.ts";

export type MonitoringAct = {
  /** True when it was done; otherwise `problem` says why not. */
  readonly send: (path: string, body: unknown, options?: { readonly method?: "PUT"; readonly rowVersion?: number }) => Promise<boolean>;
  readonly pending: boolean;
  readonly problem: ApiProblem | null;
};

type Order = { readonly path: string; readonly body: unknown; readonly options: { readonly method?: "PUT"; readonly rowVersion?: number } };

/** One act of the monitoring screens. A repeated click is one act; what it changed is read again. */
export function useMonitoringAct(): MonitoringAct {
  const client = useQueryClient();
  const key = useRef<string | null>(null);
  const mutation = useMutation<unknown, Error, Order>({
    mutationFn: ({ path, body, options }) => postAct(path, body, { ...options, idempotencyKey: (key.current ??= newIdempotencyKey()) }),
    onSettled: async (_answer, error) => {
      if (!(error instanceof ApiProblem) || error.status !== 0) key.current = null;
      await client.invalidateQueries({ predicate: (query) => query.queryKey[0] === "monitoring" });
    },
  });
  return {
    send: (path, body, options = {}) =>
      mutation
        .mutateAsync({ path, body, options })
        .then(() => true)
        .catch(() => false),
    pending: mutation.isPending,
    problem: mutation.error instanceof ApiProblem ? mutation.error : null,
  };
}
