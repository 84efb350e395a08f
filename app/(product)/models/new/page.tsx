import type { Metadata } from "next";
import type { ReactNode } from "react";
import { RegisterPage } from "#components/models/register-page.tsx";
import { requireViewerWith } from "#lib/api/viewer.ts";
import { oneParam, type PageQuery } from "#lib/client/search-params.ts";

export const metadata: Metadata = { title: "Register a version" };

export default async function Register({
  searchParams,
}: {
  searchParams: PageQuery;
}): Promise<ReactNode> {
  const { app, actor } = await requireViewerWith("version:read", "/models/new");
  const model = oneParam((await searchParams)["model"]);
  const view = await app.views.readNewVersion(actor, { model });
  return (
    <RegisterPage
      initial={{ ...view, maxUploadBytes: app.settings.maxUploadBytes }}
      initialModel={model}
    />
  );
}
