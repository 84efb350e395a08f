import type { ReactNode } from "react";
import { FirstAdministratorForm } from "#components/entry/first-administrator-form.tsx";
import { InvitationForm } from "#components/entry/invitation-form.tsx";
import { OneTimeSignIn } from "#components/entry/one-time-sign-in.tsx";
import { AppError } from "#lib/domain/errors.ts";
import { getApp } from "#lib/api/running-app.ts";

export const metadata = { title: "Welcome", referrer: "no-referrer" as const };

/** The landing page of a link that works once. Opening it changes nothing: a prefetcher must not use it up. */
export default async function WelcomePage({ searchParams }: PageProps<"/welcome">): Promise<ReactNode> {
  const { key } = await searchParams;
  const secret = typeof key === "string" ? key : "";
  const link = await getApp()
    .auth.inspectLink(secret)
    .catch((error: unknown) => {
      if (error instanceof AppError) return null;
      throw error;
    });
  if (link === null) {
    return (
      <>
        <h1>This link does not work any more</h1>
        <p>It was used, or its time is over. In the terminal, npm start prints a new one; otherwise ask whoever sent it.</p>
        <p>
          <a href="/sign-in">Sign in with a password</a>
        </p>
      </>
    );
  }
  switch (link.purpose) {
    case "sign_in":
      return <OneTimeSignIn secret={secret} name={link.name} />;
    case "first_administrator":
      return <FirstAdministratorForm secret={secret} />;
    case "invitation":
      return <InvitationForm secret={secret} name={link.name} />;
  }
}
