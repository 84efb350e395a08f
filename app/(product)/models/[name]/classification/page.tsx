import type { Metadata } from "next";
import type { ReactNode } from "react";
import { ClassificationPage } from "#components/assurance/classification-page.tsx";
import { orNotFound, requireViewer } from "#lib/api/viewer.ts";
import { pathParam } from "#lib/client/search-params.ts";

type Props = { params: Promise<{ name: string }> };

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  return { title: `${pathParam((await params).name)}, classification` };
}

export default async function Classification({ params }: Props): Promise<ReactNode> {
  const model = pathParam((await params).name);
  const { app, actor } = await requireViewer(`/models/${encodeURIComponent(model)}/classification`);
  return <ClassificationPage view={await orNotFound(app.views.readClassification(actor, { model }))} />;
}
