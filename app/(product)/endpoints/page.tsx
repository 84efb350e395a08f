import type { Metadata } from "next";
import type { ReactNode } from "react";
import { EndpointListPage } from "#components/endpoints/endpoint-list-page.tsx";
import { requireViewerWith } from "#lib/api/viewer.ts";
import { oneParam, type PageQuery } from "#lib/client/search-params.ts";

export const metadata: Metadata = { title: "Endpoints" };

export default async function Endpoints({
  searchParams,
}: {
  searchParams: PageQuery;
}): Promise<ReactNode> {
  const { app, actor } = await requireViewerWith("endpoint:read", "/endpoints");
  const given = await searchParams;
  const filter = { q: oneParam(given["q"], 120) ?? "", environment: oneParam(given["env"], 64) };
  return (
    <EndpointListPage
      initial={await app.views.readEndpointList(actor, filter)}
      initialFilter={filter}
    />
  );
}
