import type { Metadata } from "next";
import type { ReactNode } from "react";
import { ScanPage } from "#components/models/scan-page.tsx";
import { orNotFound, requireViewer } from "#lib/api/viewer.ts";
import { scanPath } from "#lib/client/registry-words.ts";
import { pathParam } from "#lib/client/search-params.ts";

type Props = { params: Promise<{ name: string; version: string }> };

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  const { name, version } = await params;
  return { title: `Scan report of ${pathParam(name)} ${pathParam(version)}` };
}

export default async function Scan({ params }: Props): Promise<ReactNode> {
  const given = await params;
  const [model, version] = [pathParam(given.name), pathParam(given.version)];
  const { app, actor } = await requireViewer(scanPath(model, version));
  return <ScanPage initial={await orNotFound(app.artifactDesk.report(actor, { model, version }))} />;
}
