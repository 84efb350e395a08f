"use client";

import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useRef } from "react";
import { ApiProblem, newIdempotencyKey } from "#lib/client/api-client.ts";

export type SettingsAct<Body, Answer> = {
  /** The answer, or null when it was refused; `problem` then says why. */
  readonly send: (body: Body) => Promise<Answer | null>;
  readonly pending: boolean;
  readonly problem: ApiProblem | null;
};

/** One act of the settings. A repeated click is one act; a refused one may be sent anew; lists are read again after it. */
export function useSettingsAct<Body, Answer>(
  run: (body: Body, idempotencyKey: string) => Promise<Answer>,
): SettingsAct<Body, Answer> {
  const client = useQueryClient();
  const key = useRef<string | null>(null);
  const mutation = useMutation<Answer, Error, Body>({
    mutationFn: (body) => run(body, (key.current ??= newIdempotencyKey())),
    onSettled: async (_answer, error) => {
      if (!(error instanceof ApiProblem) || error.status !== 0) key.current = null;
      await client.invalidateQueries({ predicate: (query) => query.queryKey[0] === "people" });
    },
  });
  return {
    send: (body) => mutation.mutateAsync(body).catch(() => null),
    pending: mutation.isPending,
    problem: mutation.error === null ? null : asProblem(mutation.error),
  };
}

function asProblem(error: Error): ApiProblem {
  if (error instanceof ApiProblem) return error;
  return new ApiProblem(0, {
    message: "The answer could not be read. Reload the page to see what is true now.",
    code: "unreadable",
    fields: [],
    hint: null,
    requestId: null,
  });
}
