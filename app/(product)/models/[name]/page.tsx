import type { Metadata } from "next";
import type { ReactNode } from "react";
import { ModelPage } from "#components/models/model-page.tsx";
import { orNotFound, requireViewer } from "#lib/api/viewer.ts";
import { pathParam } from "#lib/client/search-params.ts";

type Props = { params: Promise<{ name: string }> };

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  return { title: pathParam((await params).name) };
}

export default async function Model({ params }: Props): Promise<ReactNode> {
  const model = pathParam((await params).name);
  const { app, actor } = await requireViewer(`/models/${encodeURIComponent(model)}`);
  return <ModelPage initial={await orNotFound(app.views.readModelView(actor, { model }))} />;
}
