"use client";

import type { ReactNode } from "react";
import { sendForm } from "#lib/client/api-client.ts";
import { credentialsSetView } from "#lib/contracts/people-api.ts";
import { SetPasswordForm, type PasswordField } from "./set-password-form.tsx";

const FIELDS: readonly PasswordField[] = [{ name: "password", label: "Password", autoComplete: "new-password", type: "password" }];

/** An invited person chooses a password. */
export function InvitationForm({ secret, name }: { secret: string; name: string | null }): ReactNode {
  return (
    <>
      <h1>Welcome{name === null ? "" : `, ${name}`}</h1>
      <p>Choose a password. This link then stops working.</p>
      <SetPasswordForm
        fields={FIELDS}
        submitLabel="Set password and sign in"
        send={(values) => sendForm("/api/v1/session/invitation", { token: secret, ...values }, credentialsSetView)}
      />
    </>
  );
}
