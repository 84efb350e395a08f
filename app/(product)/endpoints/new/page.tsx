import type { Metadata } from "next";
import type { ReactNode } from "react";
import { NewEndpointPage } from "#components/endpoints/new-endpoint-page.tsx";
import { requireViewerWith } from "#lib/api/viewer.ts";
import { oneParam, type PageQuery } from "#lib/client/search-params.ts";

export const metadata: Metadata = { title: "New endpoint" };

export default async function NewEndpoint({
  searchParams,
}: {
  searchParams: PageQuery;
}): Promise<ReactNode> {
  const { app, actor } = await requireViewerWith("endpoint:read", "/endpoints/new");
  const given = await searchParams;
  const model = oneParam(given["model"]);
  const environment = oneParam(given["environment"]);
  const view = await app.views.readNewEndpoint(actor, { model, environment });
  return <NewEndpointPage initial={view} initialModel={model} initialEnvironment={environment} />;
}
