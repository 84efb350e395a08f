"use client";

import { useRouter } from "next/navigation";
import { useRef, useState } from "react";
import { ApiProblem, newIdempotencyKey, postAct } from "#lib/client/api-client.ts";

export type Post = {
  /** The answer, or `undefined` when it was refused; `problem` then says why. */
  readonly send: (path: string, body: unknown) => Promise<unknown>;
  readonly pending: boolean;
  readonly problem: ApiProblem | null;
};

/** One act from a page that the server renders: sent once however often it is clicked; the page is read again after it. */
export function usePost(): Post {
  const router = useRouter();
  const key = useRef<string | null>(null);
  const [pending, setPending] = useState(false);
  const [problem, setProblem] = useState<ApiProblem | null>(null);
  const send = async (path: string, body: unknown): Promise<unknown> => {
    if (pending) return undefined;
    setPending(true);
    key.current ??= newIdempotencyKey();
    try {
      const answer = await postAct(path, body, { idempotencyKey: key.current });
      key.current = null;
      setProblem(null);
      router.refresh();
      return answer;
    } catch (cause) {
      if (!(cause instanceof ApiProblem)) throw cause;
      if (cause.status !== 0) key.current = null;
      setProblem(cause);
      return undefined;
    } finally {
      setPending(false);
    }
  };
  return { send, pending, problem };
}
