"use client";

import type { ReactNode } from "react";
import { sendForm } from "#lib/client/api-client.ts";
import { credentialsSetView } from "#lib/contracts/people-api.ts";
import { SetPasswordForm, type PasswordField } from "./set-password-form.tsx";

const FIELDS: readonly PasswordField[] = [
  { name: "name", label: "Your name", autoComplete: "name", type: "text" },
  { name: "email", label: "E-mail", autoComplete: "username", type: "text" },
  { name: "password", label: "Password", autoComplete: "new-password", type: "password" },
];

/** The first person of an empty installation. */
export function FirstAdministratorForm({ secret }: { secret: string }): ReactNode {
  return (
    <>
      <h1>Create the first administrator</h1>
      <p>An administrator invites people and gives them roles. Administrators do not approve releases.</p>
      <SetPasswordForm
        fields={FIELDS}
        submitLabel="Create and sign in"
        send={(values) => sendForm("/api/v1/session/first-administrator", { token: secret, ...values }, credentialsSetView)}
      />
    </>
  );
}
