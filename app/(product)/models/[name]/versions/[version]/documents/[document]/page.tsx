import type { Metadata } from "next";
import { notFound } from "next/navigation";
import type { ReactNode } from "react";
import { RegulatoryDocumentPage } from "#components/assurance/regulatory-document-page.tsx";
import { orNotFound, requireViewer } from "#lib/api/viewer.ts";
import { pathParam } from "#lib/client/search-params.ts";
import { DOCUMENT_IDS, DOCUMENT_TITLES, type DocumentId } from "#lib/domain/governance/regulatory-documents.ts";

type Props = { params: Promise<{ name: string; version: string; document: string }> };

const documentOf = (text: string): DocumentId => DOCUMENT_IDS.find((id) => id === text) ?? notFound();

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  const { name, version, document } = await params;
  return { title: `${DOCUMENT_TITLES[documentOf(document)]}, ${pathParam(name)} ${pathParam(version)}` };
}

export default async function RegulatoryDocument({ params }: Props): Promise<ReactNode> {
  const { name, version, document } = await params;
  const { app, actor } = await requireViewer(`/models/${name}/versions/${version}/documents/${document}`);
  const names = { model: pathParam(name), version: pathParam(version), document: documentOf(document) };
  return <RegulatoryDocumentPage view={await orNotFound(app.governance.readRegulatoryDocument(actor, names))} />;
}
