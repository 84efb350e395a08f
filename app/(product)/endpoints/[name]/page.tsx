import type { Metadata } from "next";
import type { ReactNode } from "react";
import { EndpointPage } from "#components/endpoints/endpoint-page.tsx";
import { orNotFound, requireViewer } from "#lib/api/viewer.ts";
import { oneParam, pathParam, type PageQuery } from "#lib/client/search-params.ts";
import { endpointMonitoringQuery, endpointViewQuery } from "#lib/contracts/views/endpoint-view.ts";

type Props = { params: Promise<{ name: string }>; searchParams: PageQuery };

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  return { title: pathParam((await params).name) };
}

export default async function Endpoint({ params, searchParams }: Props): Promise<ReactNode> {
  const endpoint = pathParam((await params).name);
  const { app, actor } = await requireViewer(`/endpoints/${encodeURIComponent(endpoint)}`);
  const given = await searchParams;
  const at = endpointViewQuery.shape.at.safeParse(oneParam(given["at"])).data ?? null;
  const range = endpointMonitoringQuery.shape.range.safeParse(
    oneParam(given["range"]) ?? undefined,
  );
  const view = await orNotFound(app.views.readEndpointView(actor, { endpoint, at }));
  const monitoring = await app.views.readEndpointMonitoring(actor, {
    endpoint,
    range: range.data ?? "1h",
  });
  return (
    <EndpointPage
      initial={view}
      initialAt={at}
      initialMonitoring={monitoring}
      publicRuntimeUrl={app.settings.runtimeUrl}
    />
  );
}
