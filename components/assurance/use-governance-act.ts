"use client";

import { useMutation } from "@tanstack/react-query";
import { useRouter } from "next/navigation";
import { useRef } from "react";
import { ApiProblem, newIdempotencyKey, postAct } from "#lib/client/api-client.ts";

export type GovernanceAct = {
  /** True when it was done; when refused, `problem` says why. */
  readonly send: (body: unknown) => Promise<boolean>;
  readonly pending: boolean;
  readonly done: boolean;
  readonly problem: ApiProblem | null;
};

/** One act of governance: a repeated click is one act, and the page is read again after it. */
export function useGovernanceAct(path: string): GovernanceAct {
  const router = useRouter();
  const key = useRef<string | null>(null);
  const mutation = useMutation<unknown, Error, unknown>({
    mutationFn: (body) => postAct(path, body, { idempotencyKey: (key.current ??= newIdempotencyKey()) }),
    onSuccess: () => {
      router.refresh();
    },
    onSettled: (_answer, error) => {
      if (!(error instanceof ApiProblem) || error.status !== 0) key.current = null;
    },
  });
  return {
    send: (body) => mutation.mutateAsync(body).then(() => true).catch(() => false),
    pending: mutation.isPending,
    done: mutation.isSuccess,
    problem: mutation.error instanceof ApiProblem ? mutation.error : null,
  };
}
