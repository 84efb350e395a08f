import type { Metadata } from "next";
import type { ReactNode } from "react";
import { CataloguePage } from "#components/assurance/catalogue-page.tsx";
import { requireViewerWith } from "#lib/api/viewer.ts";

export const metadata: Metadata = { title: "Regulatory catalogue" };

export default async function Catalogue(): Promise<ReactNode> {
  const { app, actor } = await requireViewerWith("control:read", "/assurance/catalogue");
  return <CataloguePage view={await app.views.readCatalogues(actor, {})} />;
}
