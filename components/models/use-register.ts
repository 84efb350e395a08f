"use client";

import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useRouter } from "next/navigation";
import { useRef } from "react";
import { ApiProblem, newIdempotencyKey, postAct } from "#lib/client/api-client.ts";
import { versionPath } from "#lib/client/registry-words.ts";
import type { RegisterCall } from "#lib/client/register-call.ts";
import { registerVersion } from "#lib/contracts/api/registry-operations.ts";
import type { RegisterDraft } from "./register-draft.ts";

type Request = { readonly draft: RegisterDraft; readonly call: RegisterCall };

export type Register = {
  readonly send: (request: Request) => void;
  readonly pending: boolean;
  readonly problem: ApiProblem | null;
};

const unreadable = (): ApiProblem =>
  new ApiProblem(0, {
    message: "The answer could not be read. Look at the list of models before you try again.",
    code: "unreadable",
    fields: [],
    hint: null,
    requestId: null,
  });

/**
 * Makes the model when it is new, then the version, then opens the version's page. When the version is refused the model stays: the form goes on with it
 * (`onModelMade`), so that the next try asks for the version alone. `onRegistered` ends the draft.
 */
export function useRegister(onModelMade: (name: string) => void, onRegistered: () => void): Register {
  const router = useRouter();
  const client = useQueryClient();
  const keys = useRef({ model: newIdempotencyKey(), version: newIdempotencyKey() });
  const mutation = useMutation({
    mutationFn: async ({ draft, call }: Request) => {
      const model = draft.existing ?? draft.name.trim();
      if (call.model !== null) {
        await postAct("/api/v1/models", call.model, { idempotencyKey: keys.current.model });
        onModelMade(model);
      }
      const files = (draft.uploaded?.files ?? []).map(({ name, role, digest }) => ({
        name,
        role,
        digest,
      }));
      const answer = await postAct(
        `/api/v1/models/${encodeURIComponent(model)}/versions`,
        { ...call.version, files },
        { idempotencyKey: keys.current.version },
      );
      return registerVersion.response.parse(answer);
    },
    onSuccess: async ({ model, version }) => {
      onRegistered();
      await client.invalidateQueries({ queryKey: ["new-version"] });
      router.push(versionPath(model, version));
    },
    onError: (cause) => {
      // Refused is another request next time; unanswered must stay the same one.
      if (cause instanceof ApiProblem && cause.status === 0) return;
      keys.current = { model: newIdempotencyKey(), version: newIdempotencyKey() };
    },
  });
  return {
    send: mutation.mutate,
    pending: mutation.isPending || mutation.isSuccess,
    problem:
      mutation.error === null
        ? null
        : mutation.error instanceof ApiProblem
          ? mutation.error
          : unreadable(),
  };
}
