"use client";

import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useRef } from "react";
import { ApiProblem, newIdempotencyKey, postAct } from "#lib/client/api-client.ts";
import { releaseQuery } from "#lib/client/view-queries.ts";
import type { ReleaseActionName, ReleaseView } from "#lib/contracts/views/release-view.ts";

const paths: Readonly<Record<ReleaseActionName, string>> = {
  submit: "submit",
  start: "start",
  approve: "approve",
  reject: "reject",
  hold: "hold",
  resume: "resume",
  promote: "promote",
  passGate: "pass-gate",
  rollback: "rollback",
  cancel: "cancel",
  deprecate: "deprecate",
  changePlan: "plan",
  completeReason: "reason",
};

/** Acts that mean the same whatever else changed meanwhile: sent again with the newest row version. */
const regardless: readonly ReleaseActionName[] = ["rollback", "hold", "completeReason"];
const MOST_TRIES = 4;

export type ReleaseAct = {
  readonly send: (body: unknown) => Promise<boolean>;
  readonly pending: boolean;
  readonly problem: ApiProblem | null;
  readonly reset: () => void;
};

/**
 * One act on a release. A second click while it runs is the same act. A release that moved on meanwhile (412) is read
 * again; rolling back and holding then go through by themselves, everything else is for the person to look at anew.
 */
export function useReleaseAct(release: ReleaseView, name: ReleaseActionName): ReleaseAct {
  const client = useQueryClient();
  const key = useRef<string | null>(null);
  const mutation = useMutation<void, Error, unknown>({
    mutationFn: async (body) => {
      key.current ??= newIdempotencyKey();
      let rowVersion = release.rowVersion;
      for (let attempt = 1; ; attempt += 1) {
        try {
          await postAct(`/api/v1/releases/${release.releaseId}/${paths[name]}`, body, {
            rowVersion,
            idempotencyKey: key.current,
          });
          return;
        } catch (cause) {
          const moved = cause instanceof ApiProblem && cause.status === 412;
          if (!moved || !regardless.includes(name) || attempt === MOST_TRIES) throw cause;
          key.current = newIdempotencyKey();
          rowVersion = (await client.fetchQuery({ ...releaseQuery(release.number), staleTime: 0 }))
            .rowVersion;
        }
      }
    },
    onSettled: async (_data, error) => {
      // A refused act changed nothing: the next try is another request. Without an answer it must stay the same one.
      if (!(error instanceof ApiProblem) || error.status !== 0) key.current = null;
      await client.invalidateQueries({ predicate: (query) => query.queryKey[0] === "release" });
    },
  });

  return {
    send: async (body) => {
      try {
        await mutation.mutateAsync(body);
        return true;
      } catch {
        return false;
      }
    },
    pending: mutation.isPending,
    problem: mutation.error === null ? null : asProblem(mutation.error),
    reset: mutation.reset,
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
