"use client";

import { signIn } from "next-auth/react";
import { type FormEvent, type ReactNode, useState } from "react";
import { Button } from "#components/ui/button.tsx";
import { Field, TextInput } from "#components/ui/field.tsx";
import { ProblemSummary } from "#components/ui/problem-summary.tsx";

const ERRORS: Readonly<Record<string, string>> = {
  not_authenticated: "The address or the password is not right.",
  rate_limited: "Too many attempts. Wait a minute, then try again.",
  link_spent: "That link has been used or is over its time.",
  forbidden: "There is no account for you here, or your organisation has not vouched for your address.",
  busy: "Too many people are signing in. Try again in a moment.",
};

const sentenceFor = (code: string): string => ERRORS[code] ?? "Signing in did not work. Try again.";

type Props = {
  /** A path of this site. */
  readonly after: string;
  readonly errorCode: string | null;
  readonly openIdName: string | null;
  readonly isDemo: boolean;
};

/** E-mail and password, or the organisation's own sign-on where there is one. */
export function SignInForm({ after, errorCode, openIdName, isDemo }: Props): ReactNode {
  const [problem, setProblem] = useState(errorCode);
  const [busy, setBusy] = useState(false);

  async function submit(event: FormEvent<HTMLFormElement>): Promise<void> {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    setBusy(true);
    setProblem(null);
    const answer = await signIn("password", {
      email: String(form.get("email")),
      password: String(form.get("password")),
      redirect: false,
    }).catch(() => undefined);
    if (answer?.ok === true && !answer.error) {
      window.location.assign(after);
      return;
    }
    setBusy(false);
    setProblem(answer?.error ?? "unreachable");
  }

  return (
    <>
      {problem ? <ProblemSummary title={sentenceFor(problem)} /> : null}
      <form onSubmit={(event) => void submit(event)}>
        <Field id="email" label="E-mail">
          <TextInput id="email" name="email" type="text" inputMode="email" autoComplete="username" required />
        </Field>
        <Field id="password" label="Password">
          <TextInput id="password" name="password" type="password" autoComplete="current-password" required />
        </Field>
        <Button variant="primary" type="submit" closed={busy}>
          {busy ? "Signing in" : "Sign in"}
        </Button>
      </form>
      {openIdName ? (
        <>
          <p className="or">or</p>
          <Button onClick={() => void signIn("oidc", { callbackUrl: after })}>Continue with {openIdName}</Button>
        </>
      ) : null}
      <p className="caption">
        No account? Ask your administrator for an invitation.{" "}
        {isDemo ? "In the demonstration the terminal shows a link that signs you in once: npm start prints a new one." : null}
      </p>
    </>
  );
}
