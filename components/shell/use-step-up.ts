"use client";

import { useState } from "react";
import { ApiProblem, newIdempotencyKey, postAct } from "#lib/client/api-client.ts";
import { stepUpView } from "#lib/contracts/signing-api.ts";

export type StepUp = {
  /** True once the server has asked for proof at the moment of signing. A grant works once, so it is asked for with each try. */
  readonly isAsked: boolean;
  readonly password: string;
  readonly setPassword: (password: string) => void;
  /** What was wrong with the password. */
  readonly problem: string | null;
  /** The grant, or null when the password was refused; the field of this id then has the focus. */
  readonly prove: (fieldId: string) => Promise<string | null>;
};

/** Proves who signs, at that moment, for one act on one digest. */
export function useStepUp(signs: { readonly action: string; readonly digest: string } | undefined, refused: ApiProblem | null): StepUp {
  const [asked, setAsked] = useState(false);
  const [password, setPassword] = useState("");
  const [problem, setProblem] = useState<string | null>(null);
  if (signs !== undefined && refused?.code === "step_up_required" && !asked) setAsked(true);
  const prove = async (fieldId: string): Promise<string | null> => {
    try {
      const answer = stepUpView.parse(await postAct("/api/v1/session/step-up", { password, ...signs }, { idempotencyKey: newIdempotencyKey() }));
      setProblem(null);
      return answer.grant;
    } catch (cause) {
      if (!(cause instanceof ApiProblem)) throw cause;
      setProblem(cause.fields[0]?.message ?? cause.message);
      document.getElementById(fieldId)?.focus();
      return null;
    } finally {
      setPassword("");
    }
  };
  return { isAsked: asked, password, setPassword, problem, prove };
}
