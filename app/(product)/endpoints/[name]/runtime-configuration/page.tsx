import type { Metadata } from "next";
import type { ReactNode } from "react";
import { RuntimeConfigurationPage } from "#components/runtime-configuration/runtime-configuration-page.tsx";
import { orNotFound, requireViewer } from "#lib/api/viewer.ts";
import { pathParam } from "#lib/client/search-params.ts";

type Props = { params: Promise<{ name: string }> };

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  return { title: `Runtime configuration of ${pathParam((await params).name)}` };
}

export default async function RuntimeConfiguration({ params }: Props): Promise<ReactNode> {
  const endpoint = pathParam((await params).name);
  const { app, actor } = await requireViewer(`/endpoints/${encodeURIComponent(endpoint)}/runtime-configuration`);
  return <RuntimeConfigurationPage initial={await orNotFound(app.serving.readRuntimeConfiguration(actor, { endpoint }))} />;
}
