"use client";

import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useRef } from "react";
import { ApiProblem, newIdempotencyKey, postAct } from "#lib/client/api-client.ts";

export type Act = {
  /** True when it was done; `problem` says why not. */
  readonly send: (path: string, body: unknown, options?: { readonly method?: "PUT"; readonly rowVersion?: number }) => Promise<boolean>;
  readonly pending: boolean;
  readonly problem: ApiProblem | null;
};

/** One act. A repeated click is one act; what lies under these topics is read again after it. */
export function useAct(topics: readonly string[]): Act {
  const client = useQueryClient();
  const key = useRef<string | null>(null);
  const mutation = useMutation({
    mutationFn: ({ path, body, options }: { path: string; body: unknown; options: { readonly method?: "PUT"; readonly rowVersion?: number } }) =>
      postAct(path, body, { ...options, idempotencyKey: (key.current ??= newIdempotencyKey()) }),
    onSettled: async (_answer, error) => {
      if (!(error instanceof ApiProblem) || error.status !== 0) key.current = null;
      await client.invalidateQueries({ predicate: ({ queryKey: [topic] }) => typeof topic === "string" && topics.includes(topic) });
    },
  });
  return {
    send: (path, body, options = {}) =>
      mutation.mutateAsync({ path, body, options }).then(
        () => true,
        () => false,
      ),
    pending: mutation.isPending,
    problem: mutation.error instanceof ApiProblem ? mutation.error : null,
  };
}
