import type { Metadata } from "next";
import type { ReactNode } from "react";
import { NewReleasePage } from "#components/releases/new-release-page.tsx";
import { requireViewer } from "#lib/api/viewer.ts";
import { oneParam, type PageQuery } from "#lib/client/search-params.ts";

export const metadata: Metadata = { title: "New release" };

export default async function NewRelease({
  searchParams,
}: {
  searchParams: PageQuery;
}): Promise<ReactNode> {
  const { app, actor } = await requireViewer("/releases/new");
  const given = await searchParams;
  const endpoint = oneParam(given["endpoint"]);
  const view = await app.views.readNewRelease(actor, {
    endpoint,
    version: oneParam(given["version"]),
  });
  return <NewReleasePage initial={view} initialEndpoint={endpoint} />;
}
