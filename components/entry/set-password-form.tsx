"use client";

import { signIn } from "next-auth/react";
import { type FormEvent, type ReactNode, useState } from "react";
import { Button } from "#components/ui/button.tsx";
import { Field, TextInput } from "#components/ui/field.tsx";
import { ProblemSummary } from "#components/ui/problem-summary.tsx";
import { ApiProblem } from "#lib/client/api-client.ts";

export type PasswordField = { readonly name: string; readonly label: string; readonly autoComplete: string; readonly type: "text" | "password" };

type Props = {
  readonly fields: readonly PasswordField[];
  readonly submitLabel: string;
  /** Sends the form; answers the address to sign in with. */
  send(values: Readonly<Record<string, string>>): Promise<{ readonly email: string }>;
};

/** Sets a password by a link, then signs in with it. Problems stand beside the field they are about. */
export function SetPasswordForm({ fields, submitLabel, send }: Props): ReactNode {
  const [problem, setProblem] = useState<ApiProblem | null>(null);
  const [busy, setBusy] = useState(false);
  const errorOf = (name: string): string | null =>
    problem?.fields.find(({ pointer }) => pointer === `/${name}`)?.message ?? null;

  async function submit(event: FormEvent<HTMLFormElement>): Promise<void> {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const values = Object.fromEntries(fields.map(({ name }) => [name, String(form.get(name) ?? "")]));
    setBusy(true);
    setProblem(null);
    try {
      const { email } = await send(values);
      await signIn("password", { email, password: values["password"] ?? "", redirect: false });
      window.location.assign("/inbox");
    } catch (error) {
      if (!(error instanceof ApiProblem)) throw error;
      setProblem(error);
      setBusy(false);
    }
  }

  return (
    <>
      {problem ? (
        <ProblemSummary
          title={problem.message}
          hint={problem.hint}
          requestId={problem.requestId}
          items={problem.fields.map(({ pointer, message }) => ({ fieldId: pointer.slice(1), message }))}
        />
      ) : null}
      <form onSubmit={(event) => void submit(event)} noValidate>
        {fields.map(({ name, label, autoComplete, type }) => (
          <Field key={name} id={name} label={label} error={errorOf(name)} hint={name === "password" ? "At least 12 characters." : undefined}>
            <TextInput id={name} name={name} type={type} autoComplete={autoComplete} error={errorOf(name)} hinted={name === "password"} required />
          </Field>
        ))}
        <Button variant="primary" type="submit" closed={busy}>
          {submitLabel}
        </Button>
      </form>
    </>
  );
}
