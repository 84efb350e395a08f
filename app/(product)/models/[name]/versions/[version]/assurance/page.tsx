import type { Metadata } from "next";
import type { ReactNode } from "react";
import { VersionAssurancePage } from "#components/assurance/version-assurance-page.tsx";
import { orNotFound, requireViewer } from "#lib/api/viewer.ts";
import { pathParam } from "#lib/client/search-params.ts";

type Props = { params: Promise<{ name: string; version: string }> };

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  const { name, version } = await params;
  return { title: `${pathParam(name)} ${pathParam(version)}, assurance` };
}

export default async function VersionAssurance({ params }: Props): Promise<ReactNode> {
  const given = await params;
  const [model, version] = [pathParam(given.name), pathParam(given.version)];
  const here = `/models/${encodeURIComponent(model)}/versions/${encodeURIComponent(version)}/assurance`;
  const { app, actor } = await requireViewer(here);
  return <VersionAssurancePage view={await orNotFound(app.views.readVersionAssurance(actor, { model, version }))} />;
}
