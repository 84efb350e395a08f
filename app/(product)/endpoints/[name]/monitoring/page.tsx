import type { Metadata } from "next";
import type { ReactNode } from "react";
import { WatchPage } from "#components/monitoring/watch-page.tsx";
import { orNotFound, requireViewer } from "#lib/api/viewer.ts";
import { oneParam, pathParam, type PageQuery } from "#lib/client/search-params.ts";
import { monitoringViewQuery } from "#lib/contracts/views/monitoring-view.ts";

type Props = { params: Promise<{ name: string }>; searchParams: PageQuery };

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  return { title: `Monitoring of ${pathParam((await params).name)}` };
}

export default async function Monitoring({ params, searchParams }: Props): Promise<ReactNode> {
  const endpoint = pathParam((await params).name);
  const { app, actor } = await requireViewer(`/endpoints/${encodeURIComponent(endpoint)}/monitoring`);
  const given = await searchParams;
  const { shape } = monitoringViewQuery;
  const asked = {
    range: shape.range.safeParse(oneParam(given["range"]) ?? undefined).data ?? "1h",
    against: shape.against.safeParse(oneParam(given["against"]) ?? undefined).data ?? "training",
    version: shape.version.safeParse(oneParam(given["version"])).data ?? null,
    feature: shape.feature.safeParse(oneParam(given["feature"])).data ?? null,
  };
  const view = await orNotFound(app.monitoring.readMonitoring(actor, { endpoint, ...asked }));
  return <WatchPage initial={view} initialQuery={asked} />;
}
