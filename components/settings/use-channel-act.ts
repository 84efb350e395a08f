"use client";

import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useRef } from "react";
import { ApiProblem, newIdempotencyKey } from "#lib/client/api-client.ts";

/** One act on channels; lists and logs are read again after it. A repeated click is one act. */
export function useChannelAct<Body, Answer>(run: (body: Body, idempotencyKey: string) => Promise<Answer>) {
  const client = useQueryClient();
  const key = useRef<string | null>(null);
  const mutation = useMutation<Answer, Error, Body>({
    mutationFn: (body) => run(body, (key.current ??= newIdempotencyKey())),
    onSettled: async (_answer, error) => {
      if (!(error instanceof ApiProblem) || error.status !== 0) key.current = null;
      await client.invalidateQueries({ predicate: (query) => query.queryKey[0] === "outgoing" });
    },
  });
  return {
    send: (body: Body): Promise<Answer | null> => mutation.mutateAsync(body).catch(() => null),
    pending: mutation.isPending,
    problem: mutation.error instanceof ApiProblem ? mutation.error : null,
  };
}
