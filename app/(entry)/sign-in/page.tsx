import { redirect } from "next/navigation";
import type { ReactNode } from "react";
import { SignInForm } from "#components/entry/sign-in-form.tsx";
import { findViewer } from "#lib/api/viewer.ts";
import { ownPath } from "#lib/client/own-path.ts";
import { getApp } from "#lib/api/running-app.ts";

export const metadata = { title: "Sign in" };

export default async function SignInPage({ searchParams }: PageProps<"/sign-in">): Promise<ReactNode> {
  const { next, error } = await searchParams;
  const after = ownPath(typeof next === "string" ? next : null);
  if (await findViewer()) redirect(after);
  const app = getApp();
  const isDemo = (await app.install()).demo;
  return (
    <>
      <h1>Sign in</h1>
      <p className="small">{new URL(app.settings.publicUrl).host}</p>
      <SignInForm
        after={after}
        errorCode={typeof error === "string" ? error : null}
        openIdName={app.settings.oidc?.name ?? null}
        isDemo={isDemo}
      />
    </>
  );
}
