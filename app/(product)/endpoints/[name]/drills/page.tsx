import type { Metadata } from "next";
import { notFound } from "next/navigation";
import type { ReactNode } from "react";
import { DrillsPage } from "#components/drills/drills-page.tsx";
import { orNotFound, requireViewer } from "#lib/api/viewer.ts";
import { pathParam } from "#lib/client/search-params.ts";

export const metadata: Metadata = { title: "Rollback drills" };

export default async function Drills({ params }: { params: Promise<{ name: string }> }): Promise<ReactNode> {
  const endpoint = pathParam((await params).name);
  const { app, actor } = await requireViewer(`/endpoints/${encodeURIComponent(endpoint)}/drills`);
  const release = await orNotFound(app.views.readNewRelease(actor, { endpoint, version: null }));
  const place = release.endpoints.find(({ name }) => name === endpoint);
  if (place === undefined) notFound();
  return (
    <DrillsPage
      endpoint={place}
      initial={await app.releases.listDrills(actor, { endpoint })}
      initialRelease={release}
    />
  );
}
