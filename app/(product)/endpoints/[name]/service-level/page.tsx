import type { Metadata } from "next";
import type { ReactNode } from "react";
import { ServiceLevelPage } from "#components/service-level/service-level-page.tsx";
import { orNotFound, requireViewer } from "#lib/api/viewer.ts";
import { pathParam } from "#lib/client/search-params.ts";

type Props = { params: Promise<{ name: string }> };

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  return { title: `Service level of ${pathParam((await params).name)}` };
}

export default async function ServiceLevel({ params }: Props): Promise<ReactNode> {
  const endpoint = pathParam((await params).name);
  const { app, actor } = await requireViewer(`/endpoints/${encodeURIComponent(endpoint)}/service-level`);
  return <ServiceLevelPage initial={await orNotFound(app.serving.readServiceLevel(actor, { endpoint }))} />;
}
