import type { Metadata } from "next";
import type { ReactNode } from "react";
import { z } from "zod";
import { IncidentListPage } from "#components/incidents/incident-list-page.tsx";
import { requireViewerWith } from "#lib/api/viewer.ts";
import { oneParam, type PageQuery } from "#lib/client/search-params.ts";

export const metadata: Metadata = { title: "Incidents" };

const stateOf = z.enum(["open", "closed"]).nullable().catch(null);
const beforeOf = z.coerce.number().int().positive().nullable().catch(null);

export default async function Incidents({ searchParams }: { searchParams: PageQuery }): Promise<ReactNode> {
  const { app, actor } = await requireViewerWith("incident:read", "/incidents");
  const given = await searchParams;
  const state = stateOf.parse(oneParam(given["state"]));
  const before = beforeOf.parse(oneParam(given["before"]));
  const view = await app.incidents.listIncidents(actor, { state, before, environment: oneParam(given["env"], 64) });
  return <IncidentListPage view={view} state={state} before={before} />;
}
