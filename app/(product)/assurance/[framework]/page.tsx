import type { Metadata } from "next";
import type { ReactNode } from "react";
import { FrameworkPage } from "#components/assurance/framework-page.tsx";
import { orNotFound, requireViewerWith } from "#lib/api/viewer.ts";
import { pathParam } from "#lib/client/search-params.ts";

type Props = { params: Promise<{ framework: string }> };

export const metadata: Metadata = { title: "Framework" };

export default async function Framework({ params }: Props): Promise<ReactNode> {
  const framework = pathParam((await params).framework);
  const { app, actor } = await requireViewerWith("control:read", `/assurance/${encodeURIComponent(framework)}`);
  return <FrameworkPage view={await orNotFound(app.views.readFramework(actor, { framework }))} />;
}
