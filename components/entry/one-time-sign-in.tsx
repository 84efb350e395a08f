"use client";

import { signIn } from "next-auth/react";
import { type ReactNode, useState } from "react";
import { Button } from "#components/ui/button.tsx";
import { ProblemSummary } from "#components/ui/problem-summary.tsx";

/** One button, because a link that signed in by being opened could be used up by a prefetcher. */
export function OneTimeSignIn({ secret, name }: { secret: string; name: string | null }): ReactNode {
  const [state, setState] = useState<"open" | "busy" | "spent">("open");

  async function enter(): Promise<void> {
    setState("busy");
    const answer = await signIn("one-time-link", { token: secret, redirect: false }).catch(() => undefined);
    if (answer?.ok === true && !answer.error) window.location.assign("/inbox");
    else setState("spent");
  }

  return (
    <>
      <h1>Welcome</h1>
      {state === "spent" ? (
        <ProblemSummary title="This link has been used or is over its time." hint="npm start prints a new one." />
      ) : null}
      <p>
        This link signs you in once{name === null ? "" : ` as ${name}`}. It works for 10 minutes.
      </p>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          void enter();
        }}
      >
        <Button variant="primary" type="submit" closed={state === "busy"}>
          {state === "busy" ? "Signing in" : name === null ? "Sign in" : `Sign in as ${name}`}
        </Button>
      </form>
    </>
  );
}
