import type { Metadata } from "next";
import type { ReactNode } from "react";
import { z } from "zod";
import { NewIncidentPage } from "#components/incidents/new-incident-page.tsx";
import { requireViewerWith } from "#lib/api/viewer.ts";
import { oneParam, type PageQuery } from "#lib/client/search-params.ts";

export const metadata: Metadata = { title: "Open an incident" };

const releaseOf = z.coerce.number().int().positive().nullable().catch(null);

export default async function NewIncident({ searchParams }: { searchParams: PageQuery }): Promise<ReactNode> {
  const { app, actor } = await requireViewerWith("incident:open", "/incidents/new");
  const given = await searchParams;
  const { data } = await app.registry.listEndpoints(actor, {});
  return (
    <NewIncidentPage
      endpoints={data.map(({ name }) => name)}
      endpoint={oneParam(given["endpoint"], 64)}
      release={releaseOf.parse(oneParam(given["release"]))}
      asOf={new Date().toISOString()}
    />
  );
}
