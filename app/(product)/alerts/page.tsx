import type { Metadata } from "next";
import type { ReactNode } from "react";
import { AlertsPage } from "#components/monitoring/alerts-page.tsx";
import { requireViewerWith } from "#lib/api/viewer.ts";
import { oneParam, type PageQuery } from "#lib/client/search-params.ts";
import { alertsViewQuery } from "#lib/contracts/views/monitoring-view.ts";

export const metadata: Metadata = { title: "Alerts" };

export default async function Alerts({ searchParams }: { searchParams: PageQuery }): Promise<ReactNode> {
  const { app, actor } = await requireViewerWith("alert:read", "/alerts");
  const given = await searchParams;
  const before = oneParam(given["before"]);
  const show = alertsViewQuery.shape.show.safeParse(oneParam(given["show"]) ?? undefined).data ?? "open";
  const view = await app.monitoring.readAlerts(actor, { show, before: alertsViewQuery.shape.before.safeParse(before).data ?? null });
  return <AlertsPage initial={view} initialBefore={before} />;
}
